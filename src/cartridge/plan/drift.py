"""What moved in a source since the project declared it: tables and columns that are new, gone, renamed or retyped.

Only what the project writes down is compared: the columns that its source files document, with their types where those
are given, and the columns of staging models that nobody edited.
"""

from __future__ import annotations

from collections.abc import Iterable

from cartridge.domain.plan import Finding
from cartridge.domain.project import ProjectState, SourceState, SourceTableState
from cartridge.domain.schema import ColumnMapping, TableKey, TableMapping
from cartridge.plan.finding import warning
from cartridge.plan.scope import Scope
from cartridge.plan.types import family


def drift(scope: Scope) -> list[Finding]:
    """Every difference between the project's sources and the scanned tables, naming the models that read them."""
    state = scope.state
    if state is None:
        return []
    findings: list[Finding] = []
    renamed = scope.renamed_tables
    for name, tables in scope.by_source.items():
        source = state.sources.get(name)
        if source is None:
            continue
        scanned = {scope.sources[table.key].table: table for table in tables}
        for declared in source.tables:
            table = scanned.get(declared.name)
            now = renamed.get((name, declared.name))
            if table is not None:
                findings += _columns(source, declared, table, state)
            elif now is not None:
                says = f"is called {now[1]} now, and is not planned as a new one"
                findings.append(_table_moved("renamed-table", says, source, declared, state))
            elif scope.request.all_tables:
                findings.append(_table_moved("dropped-table", "is gone", source, declared, state))
    return findings


def new_columns(key: TableKey, scope: Scope) -> list[ColumnMapping]:
    """Columns of a staged table that its staging model, which nobody edited, does not select yet."""
    shape = scope.staged_before.get(key)
    state = scope.state
    if shape is None or state is None or shape.name not in state.untouched:
        return []
    selected = {column.origin for column in shape.columns.values()}
    return [
        column
        for column in scope.tables[key].columns
        if (key, column.name) not in selected and column.name.lower() not in scope.loaders_left_out
    ]


def _columns(
    source: SourceState, declared: SourceTableState, table: TableMapping, state: ProjectState
) -> list[Finding]:
    there = {column.name.lower(): column for column in table.columns}
    written = _written(source, declared, state)
    gone = [name for name in written if name.lower() not in there]
    known = {name.lower() for name in written}
    new = [column for column in table.columns if column.name.lower() not in known]
    findings = []
    for name in list(gone):
        renamed = _renamed(name, declared, table, new)
        if renamed is not None:
            gone.remove(name)
            new.remove(renamed)
            findings.append(_moved("renamed-column", f"{name} is called {renamed.name} now", source, declared, state))
    findings += [_moved("dropped-column", f"{name} is gone", source, declared, state) for name in gone]
    staged = _stagers(source, declared, state)
    if not staged <= state.untouched:
        findings += [
            _moved("new-column", f"{column.name} ({column.data_type}) is new", source, declared, state)
            for column in (new if gone and len(gone) == len(new) else _at_the_end(new, table))
        ]
    for name, declared_type in zip(declared.columns, declared.types, strict=False):
        column = there.get(name.lower())
        if column is not None and declared_type and family(declared_type) != family(column.data_type):
            says = f"{name} was {declared_type} and is {column.data_type} now"
            findings.append(_moved("retyped-column", says, source, declared, state))
    return findings


def _written(source: SourceState, declared: SourceTableState, state: ProjectState) -> list[str]:
    """The table's columns as far as the project knows them: those documented, and those that its stagers name."""
    written = {name.lower(): name for name in declared.columns}
    for model in sorted(_stagers(source, declared, state)):
        for name in state.models[model].reads or ():
            written.setdefault(name.lower(), name)
    return list(written.values())


def _at_the_end(new: list[ColumnMapping], table: TableMapping) -> list[ColumnMapping]:
    """The new columns, where all of them come last: between known ones stands what somebody left out on purpose."""
    return new if new == table.columns[len(table.columns) - len(new) :] and len(new) < len(table.columns) else []


def _renamed(
    name: str, declared: SourceTableState, table: TableMapping, new: Iterable[ColumnMapping]
) -> ColumnMapping | None:
    """The new column at the place and of the type of one that is gone."""
    place = declared.columns.index(name) if name in declared.columns else len(table.columns)
    if place >= len(table.columns) or place >= len(declared.types) or not declared.types[place]:
        return None
    candidate = table.columns[place]
    same = family(candidate.data_type) == family(declared.types[place])
    return candidate if same and candidate in list(new) else None


def _moved(code: str, says: str, source: SourceState, declared: SourceTableState, state: ProjectState) -> Finding:
    what = "its table is read by" if code == "new-column" else "read by"
    readers = _read_by(source, declared, state, what)
    return warning(code, f"{source.name}.{declared.name}: column {says}{readers}", _MENDS[code])


def _table_moved(code: str, says: str, source: SourceState, declared: SourceTableState, state: ProjectState) -> Finding:
    return warning(
        code, f"{source.name}.{declared.name}: the table {says}{_read_by(source, declared, state)}", _MENDS[code]
    )


_MENDS = {
    "renamed-column": "Rename it in the source file and in the models that read it",
    "dropped-column": "Take it out of the source file and of the models that read it",
    "retyped-column": "Change data_type in the source file, and look at the casts of the models that read it",
    "new-column": "Add it to the staging model, or leave it out on purpose by documenting it in the source file",
    "renamed-table": "Give it `identifier:` in the source file, or its new name there and in the models that read it",
    "dropped-table": "Take it out of the source file, and retire the models that read it",
}


def _stagers(source: SourceState, declared: SourceTableState, state: ProjectState) -> frozenset[str]:
    return state.source_readers.get((source.name, declared.name), frozenset())


def _read_by(source: SourceState, declared: SourceTableState, state: ProjectState, what: str = "read by") -> str:
    direct = _stagers(source, declared, state)
    further = frozenset[str]().union(*(state.model_readers.get(name, ()) for name in direct)) - direct
    names = [*sorted(direct), *sorted(further)]
    if not names:
        return ""
    listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"; {what} {listed}"


def unmodelled(scope: Scope) -> list[Finding]:
    """Tables that no model reads yet, and columns that a generated staging model does not select yet."""
    findings = []
    renamed = set(scope.renamed_tables.values())
    for key, ref in scope.sources.items():
        where = f"{ref.source}.{ref.table}"
        if key not in scope.staged_before and key not in renamed:
            findings.append(warning("new-table", f"{where}: no model reads the table", "Plan it: cartridge plan"))
        findings += [
            warning(
                "new-column", f"{where}: column {column.name} ({column.data_type}) is new", "Add it: cartridge plan"
            )
            for column in new_columns(key, scope)
        ]
    return findings
