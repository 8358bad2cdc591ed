"""What all rendered SQL is made of: CTEs, select lists, types, and the place where names become text for a dbt model.

Layout follows dbt Labs' style guide: keywords in small letters, commas at the ends of lines, four spaces, one CTE for
every model read, one final `select`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from cartridge.domain.style import SqlStyle
from cartridge.domain.warehouse import Warehouse
from cartridge.errors import PlanError
from cartridge.render import jinja_text
from cartridge.render.identifier import identifier, quoted, source_identifier

INDENT = "    "


@dataclass(frozen=True)
class Target:
    """Where the SQL will run. Its methods give text that is safe in the body of a dbt model."""

    warehouse: Warehouse
    source_dialect: str | None = None
    style: SqlStyle = field(default_factory=SqlStyle)

    def name(self, name: str) -> str:
        """A column or alias that dbt creates."""
        always = self.style["quoting"] == "always" and self.warehouse != "snowflake"  # there quotes change the name
        return jinja_text.escape((quoted if always else identifier)(name, self.warehouse))

    def column(self, alias: str | None, name: str) -> str:
        """`alias.name`, or the bare name."""
        return f"{self.name(alias)}.{self.name(name)}" if alias else self.name(name)

    def source_name(self, name: str) -> str:
        """A column as the source has it."""
        if self.style["quoting"] == "always" and self.warehouse != "snowflake":
            return jinja_text.escape(quoted(name, self.warehouse))
        return jinja_text.escape(source_identifier(name, self.warehouse, self.source_dialect))

    def cast(self, expression: str, data_type: str) -> str:
        """`cast(expression as type)`, the generic type spelled as the warehouse does.

        Raises:
            PlanError: the type is not known.
        """
        return f"cast({expression} as {sql_type(data_type, self.warehouse)})"


@lru_cache(maxsize=4096)
def sql_type(data_type: str, warehouse: Warehouse) -> str:
    """A generic type as the warehouse spells it, in small letters.

    Raises:
        PlanError: the type is not known.
    """
    try:
        return exp.DataType.build(data_type).sql(dialect=warehouse).lower()
    except SqlglotError as error:
        raise PlanError(
            f"the type {data_type!r} is not known. Give a cast such as 'timestamp' or 'decimal(18, 2)'"
        ) from error


def string(text: str, warehouse: Warehouse) -> str:
    """A string constant. Where the backslash escapes, it is doubled."""
    if warehouse in {"bigquery", "databricks", "spark", "snowflake", "redshift"}:
        text = text.replace("\\", "\\\\")
    mark = "\\'" if warehouse in {"bigquery", "databricks", "spark"} else "''"
    return "'" + text.replace("'", mark) + "'"


def indented(text: str, levels: int = 1) -> str:
    """Every line that is not empty, moved to the right."""
    pad = INDENT * levels
    return "\n".join(pad + line if line else "" for line in text.split("\n"))


def select(columns: Sequence[str], source: str, *, where: Sequence[str] = (), group_by: Sequence[str] = ()) -> str:
    """A select of one column a line; all conditions of `where` must hold.

    An empty string among `columns` is an empty line, `--` starts a heading.
    """
    last = max(place for place, column in enumerate(columns) if column and not column.startswith("--"))
    lines = [
        column if not column or column.startswith("--") or place == last else f"{column},"
        for place, column in enumerate(columns)
    ]
    body = "\n".join(lines)
    text = f"select\n{indented(body)}\n\nfrom {source}"
    if where:
        text += "\n\nwhere " + "\n    and ".join(where)
    if group_by:
        keys = ",\n".join(group_by)
        text += f"\n\ngroup by {keys}" if len(group_by) == 1 else f"\n\ngroup by\n{indented(keys)}"
    return text


def aliased(expression: str, name: str, own: str = "") -> str:
    """`expression as name`, or the expression alone where it is that very column (written `own` with its table)."""
    return expression if expression in {name, own} else f"{expression} as {name}"


def model(ctes: Sequence[tuple[str, str]], config: str = "") -> str:
    """The text of a model: its CTEs (name, body), of which the last is selected."""
    return model_ending(ctes, f"select * from {ctes[-1][0]}", config)  # noqa: S608 - the name is escaped


def model_ending(ctes: Sequence[tuple[str, str]], last: str, config: str = "") -> str:
    """The text of a model: its CTEs (name, body), if it has any, and its last select."""
    body = ",\n\n".join(f"{name} as (\n\n{indented(text)}\n\n)" for name, text in ctes)
    head = f"{config}\n\n" if config else ""
    return f"{head}with\n\n{body}\n\n{last}\n" if ctes else f"{head}{last}\n"


def import_cte(model_name: str, condition: str = "") -> str:
    """The body of a CTE that reads a model, whole or as far as the condition says."""
    text = f"select * from {jinja_text.expression('ref', model_name)}"  # noqa: S608 - the name is escaped
    return f"{text}\n\n{condition}" if condition else text


def config_block(settings: Sequence[tuple[str, str]]) -> str:
    """A `config()` call of (key, Jinja value) pairs; nothing where there are none."""
    if not settings:
        return ""
    if len(settings) == 1:
        return f"{{{{ config({settings[0][0]}={settings[0][1]}) }}}}"
    lines = ",\n".join(f"{INDENT * 2}{key}={value}" for key, value in settings)
    return f"{{{{\n{INDENT}config(\n{lines}\n{INDENT})\n}}}}"


def free_name(wished: str, taken: Collection[str]) -> str:
    """The wished name of a CTE, with an underscore as long as it is taken."""
    while wished in taken:
        wished += "_"
    return wished
