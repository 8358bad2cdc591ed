"""The columns of a model, from its own SQL: only when asked for, since parsing costs more than reading a project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cartridge.domain.project import ModelState, ProjectState

_CALL = re.compile(
    r"\{\{-?\s*(?P<function>ref|source)\(\s*(?P<arguments>['\"][^'\"]+['\"](?:\s*,\s*['\"][^'\"]+['\"])?)\s*\)\s*-?\}\}"
)
_QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")
_CONFIG = re.compile(r"\{\{-?\s*config\((?:[^{}]|\{[^{}]*\})*\)\s*-?\}\}", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_INCREMENTAL = re.compile(r"\{%-?\s*if\s+is_incremental\(\)\s*-?%\}.*?\{%-?\s*endif\s*-?%\}", re.DOTALL)
_DEPTH = 12


def with_columns(project: Path, state: ProjectState, names: Iterable[str]) -> ProjectState:
    """The state with the columns of the named models filled in, in the order their SQL selects them.

    A model whose SQL does not tell (other Jinja than `ref`, `source` and `config`, a star over a source whose columns
    are not declared, SQL that cannot be parsed) keeps the columns that its properties document.
    """
    reading = _Columns(Path(project), state)
    models = dict(state.models)
    for name in names:
        model = models.get(name)
        found = reading.of_model(name, 0) if model else None
        if model and (found or name in reading.reads):
            reads, passed = reading.reads.get(name, (None, None))
            models[name] = replace(model, columns=found or model.columns, reads=reads, passed=passed)
    return replace(state, models=models)


@dataclass
class _Columns:
    """Columns found so far, by model name; None: not known."""

    project: Path
    state: ProjectState
    found: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    reads: dict[str, tuple[tuple[str, ...] | None, tuple[tuple[str, str], ...] | None]] = field(default_factory=dict)
    """What models name of their source table, and (column, name) of what they pass on of it."""

    def of_model(self, name: str, depth: int) -> tuple[str, ...] | None:
        """The columns of a model: its SQL's, else the documented ones."""
        model = self.state.models.get(name)
        if model is None or depth > _DEPTH:
            return None
        if name not in self.found:
            self.found[name] = model.columns  # stands while a cycle is followed
            own = model.kind == "model" and model.package is None and model.path.endswith(".sql")
            self.found[name] = (self._from_sql(model, depth) if own else None) or model.columns
        return self.found[name]

    def _of_source(self, source: str, table: str) -> tuple[str, ...] | None:
        return self._declared.get((source, table))

    @cached_property
    def _declared(self) -> Mapping[tuple[str, str], tuple[str, ...] | None]:
        pairs = ((name, table) for name, source in self.state.sources.items() for table in reversed(source.tables))
        return {(name, table.name): table.columns or None for name, table in pairs}

    def _from_sql(self, model: ModelState, depth: int) -> tuple[str, ...] | None:
        try:
            text = (self.project / model.path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        relations: dict[str, tuple[str, ...]] = {}

        def relation(match: re.Match[str]) -> str:
            alias = f"cartridge_relation_{len(relations)}"
            relations[alias] = (match["function"], *_QUOTED.findall(match["arguments"]))
            return alias

        for noise in (_COMMENT, _CONFIG, _INCREMENTAL):
            text = noise.sub("", text)
        sql = _CALL.sub(relation, text)
        if "{{" in sql or "{%" in sql:
            return None
        from cartridge.project.selects import selected  # noqa: PLC0415 - sqlglot is slow to import

        def columns_of(alias: str) -> tuple[str, ...] | None:
            function, *names = relations.get(alias, ("",))
            if function == "ref":
                return self.of_model(names[-1], depth + 1)
            return self._of_source(*names[:2]) if function == "source" and len(names) == 2 else None

        sources = frozenset(alias for alias, (function, *_) in relations.items() if function == "source")
        made = selected(sql, self.state.warehouse, columns_of, sources if model.entry else frozenset())
        if model.entry:
            self.reads[model.name] = made.reads, made.passed
        return made.columns
