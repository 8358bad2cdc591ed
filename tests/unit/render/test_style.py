"""Rendered SQL in other styles: the same query, laid out as the style says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.domain.plan import StagedColumn, StagingDetail
from cartridge.domain.style import KNOWN_TRAITS, SqlStyle
from cartridge.project.sql_traits import sql_traits
from cartridge.render.sql import Target
from cartridge.render.staging import staging_sql
from cartridge.render.style import styled

CASES = Path(__file__).parents[2] / "cases" / "render"
TEXTS = [
    text
    for path in sorted(CASES.rglob("*.sql"))
    for text in [path.read_text()]
    if "{%" not in text and "`" not in text and "snowflake" not in path.parts
]
DETAIL = StagingDetail(
    source="crm",
    source_table="Accounts",
    table=("main", "Accounts"),
    columns=(
        StagedColumn(name="account_id", source="id", data_type="integer", group="id"),
        StagedColumn(name="label", source="Label", data_type="varchar", group="string"),
        StagedColumn(name="amount", source="amount", data_type="varchar", cast="bigint", group="numeric"),
    ),
)
LAYOUT = [trait for trait in KNOWN_TRAITS if trait not in {"shape", "imports", "last_select", "quoting", "headings"}]


def style(**traits: str) -> SqlStyle:
    return SqlStyle(tuple(sorted({name.rstrip("_"): value for name, value in traits.items()}.items())))


def plain(text: str) -> str:
    """The query as sqlglot writes it, Jinja calls replaced by names, whatever its layout."""
    text = re.sub(r"\{\{\s*config\(.*?\)\s*\}\}", "", text, flags=re.DOTALL)
    text = text.replace("{{ '{' }}", "{")
    text = re.sub(r"\{\{ ?(?:ref|source)\(['\"](\w+)['\"](?:, ['\"](\w+)['\"])?\) ?\}\}", r"\1_\2", text)
    tree = sqlglot.parse_one(text.rstrip().rstrip(";"), dialect="duckdb")
    return tree.sql(dialect="duckdb", comments=False).lower()


STYLES = st.fixed_dictionaries({}, optional={trait: st.sampled_from(KNOWN_TRAITS[trait]) for trait in LAYOUT})


@settings(max_examples=60, deadline=None)
@given(STYLES, st.data())
def test_a_style_changes_the_layout_alone(traits: dict[str, str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    assert plain(styled(text, style(**traits), "duckdb")) == plain(text)


@settings(max_examples=60, deadline=None)
@given(
    STYLES,
    st.sampled_from(("source and renamed", "source cte", "one cte", "no cte")),
    st.sampled_from(KNOWN_TRAITS["quoting"]),
    st.sampled_from(KNOWN_TRAITS["headings"]),
)
def test_what_is_written_in_a_style_shows_that_style(
    traits: dict[str, str], shape: str, quoting: str, headings: str
) -> None:
    traits = {**traits, "shape": shape, "quoting": quoting, "headings": headings}
    if traits.get("commas") != "leading":
        traits.pop("between_ctes", None)
    wanted = style(**traits)
    target = Target("duckdb", style=wanted)
    shown = dict(sql_traits(styled(staging_sql(DETAIL, target), wanted, "duckdb"), "Accounts"))
    for trait, value in shown.items():
        if trait in traits:
            assert (trait, value) == (trait, traits[trait])


def test_commas_stand_before_columns_that_tabs_indent() -> None:
    wanted = style(indent="tab", commas="leading", comma_place="before the columns")
    text = styled(staging_sql(DETAIL, Target("duckdb", style=wanted)), wanted, "duckdb")
    assert [line for line in text.splitlines() if " as account_id" in line or line.lstrip().startswith(",")] == [
        "\t\tid as account_id", '\t, "Label" as label', "\t, cast(amount as bigint) as amount",
    ]  # fmt: skip


LOUD = """\
WITH source AS (
  SELECT * FROM {{ source("crm", "Accounts") }}
), renamed AS (
  SELECT
    id AS account_id
    , "Label" AS label
    , CAST(amount AS BIGINT) AS amount
  FROM source
)

SELECT *
FROM renamed;
"""


def test_a_loud_team_with_leading_commas() -> None:
    wanted = style(
        keywords="upper", types="upper", functions="upper", commas="leading", indent="2 spaces", with_="same line",
        cte_padding="none", between_ctes="same line", before_from="none", star_line="two lines", headings="no",
        jinja_quotes="double", semicolon="yes",
    )  # fmt: skip
    target = Target("duckdb", style=wanted)
    assert styled(staging_sql(DETAIL, target), wanted, "duckdb") == LOUD


COLUMNS = """\
select
    id as account_id,
    "Label" as label,
    cast(amount as bigint) as amount

from """
RELATION = "{{ source('crm', 'Accounts') }}"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("no cte", f"{COLUMNS}{RELATION}\n"),
        (
            "source cte",
            f"with\n\nsrc_accounts as (\n\n    select * from {RELATION}\n\n)\n\n{COLUMNS}src_accounts\n",
        ),
    ],
)
def test_ctes_are_shaped_and_called_as_the_project_does(shape: str, expected: str) -> None:
    wanted = style(shape=shape, source_cte="src_{table}", headings="no")
    assert styled(staging_sql(DETAIL, Target("duckdb", style=wanted)), wanted, "duckdb") == expected


def test_words_in_strings_names_and_comments_keep_their_case() -> None:
    text = "select\n    'select, from' as \"from\", -- select\n    t.date as day\n\nfrom t\n"
    wanted = "SELECT\n    'select, from' AS \"from\", -- select\n    t.date AS day\n\nFROM t\n"
    assert styled(text, style(keywords="upper", commas="leading"), "duckdb") == wanted


def test_no_habit_changes_nothing() -> None:
    for text in TEXTS[:20]:
        assert styled(text, SqlStyle(), "duckdb") == text
