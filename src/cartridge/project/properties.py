"""Property files: what YAML says of models, seeds, snapshots and sources, in any layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from cartridge.domain.project import SourceTableState
from cartridge.project.tree import Tree
from cartridge.project.yaml_nodes import (
    YamlFault,
    documents,
    items,
    line,
    mapping,
    named,
    plain,
    repeated_keys,
    text,
    texts,
)
from cartridge.render.jinja_text import unescape

RESOURCES = ("models", "seeds", "snapshots")
_TEST_KEYS: tuple[Literal["data_tests", "tests"], ...] = ("data_tests", "tests")


@dataclass(frozen=True)
class DocumentedColumn:
    """What stands beside a column's name."""

    described: bool
    typed: bool
    tested: bool


@dataclass(frozen=True)
class NodeProperties:
    """What a property file says of one model, seed or snapshot."""

    resource: str
    name: str
    path: str
    line: int
    described: bool = False
    columns: tuple[str, ...] = ()
    documented: tuple[DocumentedColumn, ...] = ()
    """What is said of each of `columns`."""
    grain: tuple[str, ...] | None = None
    config: dict[str, Any] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    latest: str | None = None
    defined_in: dict[str, str] = field(default_factory=dict)
    """File name by version, where the property file gives one."""
    relation: str | None = None
    """What a snapshot defined in YAML reads."""


@dataclass(frozen=True)
class SourceBlock:
    """One declaration of a source."""

    name: str
    path: str
    line: int
    schema: str
    database: str | None
    tables: tuple[SourceTableState, ...]


@dataclass(frozen=True)
class PropertyFile:
    """One property file."""

    path: str
    nodes: tuple[NodeProperties, ...]
    sources: tuple[SourceBlock, ...]
    tests_key: Literal["data_tests", "tests"] | None


def read_properties(tree: Tree, path: str) -> PropertyFile | None:
    """A property file; None, and a finding, where it cannot be read. A YAML file without properties is empty."""
    content = tree.read(path)
    if content is None:
        return None
    try:
        roots = documents(content)
    except YamlFault as fault:
        tree.note(
            "invalid-yaml", "error", f"{path}, line {fault.line}: {fault.message}", path,
            line=fault.line, mend="Mend the file; dbt cannot read it either.",
        )  # fmt: skip
        return None
    seen: set[str] = set()
    nodes: list[NodeProperties] = []
    sources: list[SourceBlock] = []
    for root in roots:
        for key, at in repeated_keys(root):
            tree.note("repeated-key", "warning", f"{path}, line {at}: `{key}` stands twice", path, line=at)
        entries = mapping(root)
        for resource in RESOURCES:
            nodes.extend(_nodes(resource, entries.get(resource), path, seen))
        sources.extend(_sources(entries.get("sources"), path, seen))
    tests_key = next((key for key in _TEST_KEYS if key in seen), None)
    return PropertyFile(path, tuple(nodes), tuple(sources), tests_key)


def _nodes(resource: str, node: yaml.Node | None, path: str, seen: set[str]) -> Iterator[NodeProperties]:
    for name, entries, item in named(node):
        columns, keys = _columns(entries, seen)
        config = plain(entries.get("config"))
        versions = [(mapping(part), text(mapping(part).get("v"))) for part in items(entries.get("versions"))]
        yield NodeProperties(
            resource,
            name,
            path,
            line(item),
            described=bool(text(entries.get("description"))),
            columns=columns,
            documented=tuple(_documented(column) for _, column, _ in named(entries.get("columns"))),
            grain=_composite_key(entries, seen) or keys,
            config=config if isinstance(config, dict) else {},
            versions=tuple(version for _, version in versions if version),
            latest=text(entries.get("latest_version")),
            defined_in={
                version: file
                for part, version in versions
                if version
                for file in [text(part.get("defined_in"))]
                if file
            },
            relation=text(entries.get("relation")),
        )


def _columns(entries: dict[str, yaml.Node], seen: set[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The documented columns, and the first one tested as a key."""
    columns: list[str] = []
    key = None
    for name, column, _ in named(entries.get("columns")):
        columns.append(unescape(name))
        tests = {test for test, _ in _tests(column, seen)}
        if key is None and "unique" in tests and ("not_null" in tests or len(tests) > 1):
            key = (unescape(name),)
    return tuple(columns), key


def _documented(column: dict[str, yaml.Node]) -> DocumentedColumn:
    return DocumentedColumn(
        described=bool(text(column.get("description"))),
        typed="data_type" in column,
        tested=any(key in column for key in _TEST_KEYS),
    )


def _composite_key(entries: dict[str, yaml.Node], seen: set[str]) -> tuple[str, ...] | None:
    for name, test in _tests(entries, seen):
        if name.rpartition(".")[2] in {"unique_combination_of_columns", "unique_combination"}:
            arguments = mapping(test.get("arguments")) or test
            for key in ("combination_of_columns", "columns"):
                if texts(arguments.get(key)):
                    return texts(arguments[key])
    return None


def _tests(entries: dict[str, yaml.Node], seen: set[str]) -> Iterator[tuple[str, dict[str, yaml.Node]]]:
    """(name, arguments) of the data tests of a model or column; adds the keys used to `seen`."""
    for key in _TEST_KEYS:
        if key not in entries:
            continue
        seen.add(key)
        for test in items(entries[key]):
            name = text(test)
            if name:
                yield name, {}
                continue
            for called, arguments in list(mapping(test).items())[:1]:
                yield called, mapping(arguments)


def _sources(node: yaml.Node | None, path: str, seen: set[str]) -> Iterator[SourceBlock]:
    for name, entries, item in named(node):
        tables = []
        for table, described, _ in named(entries.get("tables")):
            columns, _ = _columns(described, seen)
            said = [column for _, column, _ in named(described.get("columns"))]
            tables.append(
                SourceTableState(
                    table,
                    _relation_name(described.get("identifier")),
                    columns,
                    types=tuple(unescape(text(column.get("data_type")) or "") for column in said),
                    described=bool(text(described.get("description"))),
                    described_columns=sum(bool(text(column.get("description"))) for column in said),
                    freshness="freshness" in described or "freshness" in mapping(described.get("config")),
                )
            )
        schema, database = _relation_name(entries.get("schema")), _relation_name(entries.get("database"))
        yield SourceBlock(name, path, line(item), schema or name, database, tuple(tables))


def _relation_name(node: yaml.Node | None) -> str | None:
    """The name in the database. dbt puts what is written here between quotes as it is, so quotes stand doubled."""
    written = text(node)
    return unescape(written).replace('""', '"') if written else None
