"""Keys and relationships: the declared ones gathered, the others inferred from names and types."""

from cartridge.plan.keys.find import find_keys
from cartridge.plan.keys.model import Keys, PrimaryKey
from cartridge.plan.keys.overlap import held_against

__all__ = ["Keys", "PrimaryKey", "find_keys", "held_against"]
