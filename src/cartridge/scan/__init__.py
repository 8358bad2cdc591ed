"""Database, warehouse or saved file to `SchemaSnapshot`, and what its data say."""

from cartridge.scan.profiling import ProfileOptions, profile
from cartridge.scan.source import scan
from cartridge.scan.url import masked

__all__ = ["ProfileOptions", "masked", "profile", "scan"]
