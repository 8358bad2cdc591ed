"""A copy of a project with the change set in it, so that dbt can judge the whole before the project is touched."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cartridge.apply.check import check
from cartridge.apply.paths import HOME
from cartridge.domain.change import ChangeSet
from cartridge.errors import ApplyError

_LEFT_OUT = frozenset(
    {HOME, ".git", ".venv", "venv", "env", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".idea"}
)
_PACKAGES = "dbt_packages"
_LARGE = 4 * 1024 * 1024
"""Bytes from which a file is linked where the disk allows it: no model is that long, but a database file may be."""


@contextlib.contextmanager
def shadow(project: Path, changeset: ChangeSet | None = None) -> Iterator[Path]:
    """A throw-away copy of `project` with the change set applied; None copies the project as it is.

    Left out are dbt's `target` and `logs` (under the names that dbt_project.yml gives them), version control, virtual
    environments and caches. Installed packages are linked, never copied. The copy is gone when the block ends.

    Raises:
        ConflictError: the change set cannot be applied to the project.
        ApplyError: the copy cannot be written.
    """
    work = check(changeset, project) if changeset is not None else None
    root = project.resolve()
    with tempfile.TemporaryDirectory(prefix="cartridge-shadow-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder).resolve() / (root.name or "project")
        try:
            copy.mkdir()
            if root.is_dir():
                _copy_folder(root, copy, root, _names(root))
            for write in work.writes if work is not None else ():
                target = copy / write.target.relative_to(root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.unlink(missing_ok=True)
                target.write_bytes(write.content)
        except OSError as error:
            raise ApplyError(
                f"The project could not be copied for a trial: {error.strerror} ({error.filename}). Nothing was "
                "written. Make room in the folder for temporary files, or apply without parsing first."
            ) from None
        yield copy


def _names(root: Path) -> dict[str, str]:
    """The project's own folders that are not copied, by path: "skip" or "link"."""
    settings = _settings(root)
    found = {str(settings.get("target-path") or "target"): "skip", str(settings.get("log-path") or "logs"): "skip"}
    for packages in (str(settings.get("packages-install-path") or _PACKAGES), "dbt_modules"):
        found[packages] = "link"
    return {path.strip("/"): what for path, what in found.items()}


def _settings(root: Path) -> dict[str, Any]:
    try:
        settings = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):  # the parse that follows says what is wrong with it
        return {}
    return settings if isinstance(settings, dict) else {}


def _copy_folder(folder: Path, copy: Path, root: Path, names: dict[str, str]) -> None:
    for entry in sorted(folder.iterdir()):
        what = names.get(entry.relative_to(root).as_posix())
        if what == "skip" or entry.name in _LEFT_OUT:
            continue
        if entry.is_symlink():
            _copy_link(entry, copy / entry.name, root)
        elif what == "link":
            (copy / entry.name).symlink_to(entry, target_is_directory=True)
        elif entry.is_dir():
            (copy / entry.name).mkdir()
            _copy_folder(entry, copy / entry.name, root, names)
        elif entry.is_file():
            _copy_file(entry, copy / entry.name)


def _copy_link(link: Path, copy: Path, root: Path) -> None:
    """A link within the project leads to the same place within the copy; any other to where it led."""
    real = Path(os.path.realpath(link))
    if not real.is_relative_to(root):
        copy.symlink_to(real)
        return
    inside = os.path.relpath(real, Path(os.path.realpath(link.parent)))
    copy.symlink_to(inside)


def _copy_file(file: Path, copy: Path) -> None:
    if file.stat().st_size >= _LARGE:
        with contextlib.suppress(OSError):  # another disk, or one without links: copied then
            os.link(file, copy)
            return
    shutil.copyfile(file, copy)
