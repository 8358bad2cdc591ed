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
from cartridge.project.yaml_traits import yaml_traits
from cartridge.render.jinja_text import unescape

RESOURCES = ("models", "seeds", "snapshots")
_ALSO_CONFIG = ("access", "group")
"""What may stand beside `config` too."""
_TEST_KEYS: tuple[Literal["data_tests", "tests"], ...] = ("data_tests", "tests")


@dataclass(frozen=True)
class ListedColumns:
    """The columns that a model or table lists, with the `data_type` of each ("" where none is given), and how many have
    a description, a type and tests. `key` is the first one tested as a key, `tests` the kinds of all data tests."""

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    described: int = 0
    typed: int = 0
    tested: int = 0
    key: tuple[str, ...] | None = None
    tests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class NodeProperties:
    """What a property file says of one model, seed or snapshot."""

    resource: str
    name: str
    path: str
    line: int
    described: bool = False
    columns: ListedColumns = ListedColumns()
    grain: tuple[str, ...] | None = None
    config: dict[str, Any] = field(default_factory=dict)
    versions: tuple[str, ...] = ()
    latest: str | None = None
    defined_in: dict[str, str] = field(default_factory=dict)
    """File name by version, where the property file gives one."""
    relation: str | None = None
    """What a snapshot defined in YAML reads."""
    tests: frozenset[str] = frozenset()
    """The kinds of its data tests and of those of its columns."""


@dataclass(frozen=True)
class SourceBlock:
    """One declaration of a source."""

    name: str
    path: str
    line: int
    schema: str
    database: str | None
    tables: tuple[SourceTableState, ...]
    described: bool = False


@dataclass(frozen=True)
class PropertyFile:
    """One property file."""

    path: str
    nodes: tuple[NodeProperties, ...]
    sources: tuple[SourceBlock, ...]
    tests_key: Literal["data_tests", "tests"] | None
    traits: tuple[tuple[str, str], ...] = ()


def read_properties(tree: Tree, path: str, *, with_traits: bool = False) -> PropertyFile | None:
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
    traits = yaml_traits(content, roots) if with_traits and (nodes or sources) else ()
    return PropertyFile(path, tuple(nodes), tuple(sources), tests_key, traits)


def _nodes(resource: str, node: yaml.Node | None, path: str, seen: set[str]) -> Iterator[NodeProperties]:
    for name, entries, item in named(node):
        columns = _columns(entries, seen)
        config = plain(entries.get("config"))
        config = config if isinstance(config, dict) else {}
        config |= {key: text(entries[key]) for key in _ALSO_CONFIG if key in entries and key not in config}
        versions = [(mapping(part), text(mapping(part).get("v"))) for part in items(entries.get("versions"))]
        yield NodeProperties(
            resource,
            name,
            path,
            line(item),
            described=bool(text(entries.get("description"))),
            columns=columns,
            grain=_composite_key(entries, seen) or columns.key,
            config=config,
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
            tests=columns.tests | {_kind(test) for test, _ in _tests(entries, seen)},
        )


def _columns(entries: dict[str, yaml.Node], seen: set[str]) -> ListedColumns:
    """The columns that are documented."""
    names: list[str] = []
    types: list[str] = []
    described = tested = 0
    key = None
    kinds: set[str] = set()
    for written, column, _ in named(entries.get("columns")):
        name = unescape(written)
        names.append(name)
        types.append(unescape(text(column.get("data_type")) or ""))
        described += text(column.get("description")) is not None
        if "data_tests" not in column and "tests" not in column:
            continue
        tested += 1
        tests = {test for test, _ in _tests(column, seen)}
        kinds |= {_kind(test) for test in tests}
        if key is None and "unique" in tests and ("not_null" in tests or len(tests) > 1):
            key = (name,)
    return ListedColumns(
        tuple(names),
        tuple(types),
        described=described,
        typed=len(types) - types.count(""),
        tested=tested,
        key=key,
        tests=frozenset(kinds),
    )


def _kind(test: str) -> str:
    """The name of a data test without its package's."""
    return test.rpartition(".")[2]


def _composite_key(entries: dict[str, yaml.Node], seen: set[str]) -> tuple[str, ...] | None:
    for name, test in _tests(entries, seen):
        if _kind(name) in {"unique_combination_of_columns", "unique_combination"}:
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
            columns = _columns(described, seen)
            tables.append(
                SourceTableState(
                    table,
                    _relation_name(described.get("identifier")),
                    columns.names,
                    types=columns.types,
                    described=bool(text(described.get("description"))),
                    described_columns=columns.described,
                    freshness="freshness" in described or "freshness" in mapping(described.get("config")),
                )
            )
        schema, database = _relation_name(entries.get("schema")), _relation_name(entries.get("database"))
        told = bool(text(entries.get("description")))
        yield SourceBlock(name, path, line(item), schema or name, database, tuple(tables), told)


def _relation_name(node: yaml.Node | None) -> str | None:
    """The name in the database. dbt puts what is written here between quotes as it is, so quotes stand doubled."""
    written = text(node)
    return unescape(written).replace('""', '"') if written else None
