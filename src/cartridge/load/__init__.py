"""Tables of a scanned source, copied into a new DuckDB file."""

from cartridge.load.load import load
from cartridge.load.report import KeptAs, LeftOff, LoadedTable, LoadOptions, LoadReport, RowReader

__all__ = ["KeptAs", "LeftOff", "LoadOptions", "LoadReport", "LoadedTable", "RowReader", "load"]
