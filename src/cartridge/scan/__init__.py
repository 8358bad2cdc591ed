"""Database, warehouse or saved file to `SchemaSnapshot`, and what its data say."""

from cartridge.scan.profiling import ProfileOptions, profile
from cartridge.scan.source import scan

__all__ = ["ProfileOptions", "profile", "scan"]
