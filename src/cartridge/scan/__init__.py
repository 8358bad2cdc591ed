"""Database, warehouse or saved file to `SchemaSnapshot`."""

from cartridge.scan.source import scan
from cartridge.scan.url import masked

__all__ = ["masked", "scan"]
