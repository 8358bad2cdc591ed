"""Packages: what the project asks for, and what the installed ones bring."""

from __future__ import annotations

from pathlib import Path

from cartridge.project.tree import Tree
from cartridge.project.yaml_nodes import YamlFault, documents, items, mapping, text

_REQUESTS = ("packages.yml", "dependencies.yml")


def declared_packages(tree: Tree) -> tuple[str, ...]:
    """The packages that packages.yml and dependencies.yml ask for: hub names, git URLs, local paths."""
    found: dict[str, None] = {}
    for path in _REQUESTS:
        if not (tree.root / path).is_file():
            continue
        content = tree.read(path)
        try:
            roots = documents(content or "")
        except YamlFault as fault:
            tree.note("invalid-yaml", "error", f"{path}, line {fault.line}: {fault.message}", path, line=fault.line)
            continue
        for root in roots:
            for item in items(mapping(root).get("packages")):
                entries = mapping(item)
                names = (text(entries.get(key)) for key in ("package", "git", "local", "private", "tarball", "name"))
                found.update(dict.fromkeys(name for name in names if name))
    return tuple(found)


def installed_packages(root: Path, folder: str) -> tuple[Path, ...]:
    """The folders of the installed packages, sorted by name."""
    try:
        return tuple(sorted(path for path in (root / folder).iterdir() if (path / "dbt_project.yml").is_file()))
    except OSError:
        return ()
