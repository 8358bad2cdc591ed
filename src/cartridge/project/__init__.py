"""dbt project on disk -> `ProjectState`, without dbt and without executing anything."""

from cartridge.project.columns import with_columns
from cartridge.project.reader import read_project

__all__ = ["read_project", "with_columns"]
