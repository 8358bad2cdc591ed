"""Keys and relationships: the declared ones gathered, the others inferred from names and types."""

from cartridge.plan.keys.find import find_keys
from cartridge.plan.keys.model import Keys, PrimaryKey

__all__ = ["Keys", "PrimaryKey", "find_keys"]
