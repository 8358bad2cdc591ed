"""PURE: a resolved plan and the current text of files -> the change set. SQL, YAML, insertion into YAML, diffs."""

from cartridge.render.changes import render, text_hash, touched_paths
from cartridge.render.diff import diff, file_diff
from cartridge.render.profiles import EnvironmentVariable, profile_environment

__all__ = ["EnvironmentVariable", "diff", "file_diff", "profile_environment", "render", "text_hash", "touched_paths"]
