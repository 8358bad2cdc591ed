"""The plan's questions as one query in dbt's Jinja, which leaves out by itself what its columns do not allow."""

# ruff: noqa: S608 - every name went through the serialiser of its language

from __future__ import annotations

from collections.abc import Sequence

from cartridge.domain.plan import PlanAction
from cartridge.domain.warehouse import Warehouse
from cartridge.render import jinja_text
from cartridge.render.sql import Target
from cartridge.verify.questions import Query, Relation, questions_of

_START = """\
{%- set text = dbt.type_string() -%}
{%- set have = [] -%}
{%- set numbers = [] -%}
{%- for relation in relations -%}
  {%- do have.append([]) -%}
  {%- do numbers.append([]) -%}
  {%- for column in ([] if relation.is_cte else adapter.get_columns_in_relation(relation)) -%}
    {%- do have[-1].append(column.name | lower) -%}
    {%- set type = column.dtype | lower -%}
    {%- if modules.re.search('int|dec|num|float|double|real', type) and not 'interval' in type -%}
      {%- do numbers[-1].append(column.name | lower) -%}
    {%- endif -%}
  {%- endfor -%}
{%- endfor %}
select 'start' as question, cast(null as {{ text }}) as expected, cast(null as {{ text }}) as found
"""
"""`have` holds the names of all columns, `numbers` of those with numbers, by the relation's place in the list."""


def query_text(actions: Sequence[PlanAction], warehouse: Warehouse) -> str:
    """One select with a row `c<i>` (the columns that action i has, joined by "|") and rows `q<i>_<j>` (the answers to
    question j of action i) of three text columns: question, expected, found."""
    target = Target(warehouse)
    relations = _relations(actions)
    calls = ", ".join(_call(relation) for relation in relations)
    parts = [f"{{%- set relations = [{calls}] -%}}\n{_START}"]
    for index, action in enumerate(actions):
        place = relations[Relation(action.name)]
        names = f"{{{{ have[{place}] | join('|') | replace(\"'\", \"''\") }}}}"
        parts.append(
            f"{{%- if not relations[{place}].is_cte %}}\n"
            f"union all select 'c{index}', cast('{names}' as {{{{ text }}}}), cast(null as {{{{ text }}}})\n"
            "{%- endif %}"
        )
        for number, question in enumerate(questions_of(action)):
            condition = " and ".join(_condition(query, relations) for query in question.queries)
            expected = " + ".join(f"({_sql(query, relations, target)})" for query in question.expected) or "0"
            found = _sql(question.found, relations, target)
            parts.append(
                f"{{%- if {condition} %}}\n"
                f"union all select 'q{index}_{number}', cast({expected} as {{{{ text }}}}), "
                f"cast(({found}) as {{{{ text }}}})\n"
                "{%- endif %}"
            )
    return "\n".join(parts)


def _relations(actions: Sequence[PlanAction]) -> dict[Relation, int]:
    """Every relation that is read, and its place in the list."""
    places: dict[Relation, int] = {}
    for action in actions:
        places.setdefault(Relation(action.name), len(places))
        for question in questions_of(action):
            for query in question.queries:
                for relation in (query.relation, query.other):
                    if relation is not None:
                        places.setdefault(relation, len(places))
    return places


def _call(relation: Relation) -> str:
    if relation.source is None:
        return jinja_text.call("ref", relation.name)
    return jinja_text.call("source", relation.source, relation.name)


def _condition(query: Query, relations: dict[Relation, int]) -> str:
    """Jinja that is true where the query can be asked: its columns are there, and are numbers where they are summed."""
    known = "numbers" if query.what == "sum" else "have"
    sides = [(known, query.relation, query.columns), ("have", query.relation, query.filled)]
    if query.other is not None:
        sides.append(("have", query.other, query.other_columns))
    conditions = [
        f"(relations[{relations[relation]}].is_cte or {jinja_text.string(column.lower())} in {names}"
        f"[{relations[relation]}])"
        for names, relation, columns in sides
        for column in columns
    ]
    return " and ".join(conditions) or "true"


def _sql(query: Query, relations: dict[Relation, int], target: Target) -> str:
    table = f"{{{{ relations[{relations[query.relation]}] }}}}"
    names = [target.name(column) for column in query.columns]
    listed = ", ".join(names)
    filled = " and ".join(f"{target.name(column)} is not null" for column in query.filled)
    where = f" where {filled}" if filled else ""
    match query.what:
        case "rows":
            return f"select count(*) from {table}"
        case "groups":
            return f"select count(*) from (select distinct {listed} from {table}{where}) as grouped"
        case "duplicates":
            present = " and ".join(f"{name} is not null" for name in names)
            repeated = f"select {listed} from {table} where {present} group by {listed} having count(*) > 1"
            return f"select count(*) from ({repeated}) as repeated"
        case "nulls":
            return f"select count(*) from {table} where " + " or ".join(f"{name} is null" for name in names)
        case "sum":
            return f"select sum({' * '.join(names)}) from {table}{where}"
        case "unmatched":
            return _unmatched(query, table, relations, target)


def _unmatched(query: Query, table: str, relations: dict[Relation, int], target: Target) -> str:
    pairs = [
        (target.column("held", own), target.column("found", other))
        for own, other in zip(query.columns, query.other_columns, strict=True)
    ]
    assert query.other is not None
    other = f"{{{{ relations[{relations[query.other]}] }}}}"
    present = " and ".join(f"{own} is not null" for own, _ in pairs)
    equal = " and ".join(f"{looked_up} = {own}" for own, looked_up in pairs)
    match = f"select 1 from {other} as found where {equal}"
    return f"select count(*) from {table} as held where {present} and not exists ({match})"
