"""What the text of a model shows of its author's style, and what linters' settings ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartridge.project.linters import configured_style
from cartridge.project.sql_traits import sql_traits

GUIDE = """\
with

source as (

    select * from {{ source('shop', 'orders') }}

),

renamed as (

    select
        -- ids
        id as order_id,

        -- strings
        lower(status) as status,
        cast(total as numeric) as total

    from source

)

select * from renamed
"""
OWN = """\
{#- from {{ ref('a') }} SELECT -#}
{{config(
    materialized = "view",
    tags = ["x"]
)}}
WITH src_orders AS (
\tSELECT *
\tFROM {{source("shop", "orders")}}
)
SELECT
\tID AS ORDER_ID
\t,LOWER(STATUS) AS STATUS -- as from, select
\t,TOTAL::NUMERIC AS TOTAL
FROM src_orders;
"""
NO_CTE = "select\n  id,\n  'SELECT FROM' as text\nfrom {{ source('shop', 'orders') }}\n"
MART = """\
with orders as (
    select * from {{ ref('stg_orders') }}
), final as (
    select id, count(*) as lines from orders group by 1
)
select * from final
"""


def test_dbt_labs_guide() -> None:
    assert dict(sql_traits(GUIDE, "orders")) == {
        "after_select": "none",
        "before_from": "blank line",
        "between_ctes": "blank line",
        "commas": "trailing",
        "cte_padding": "blank line",
        "functions": "lower",
        "heading_dashes": "--",
        "headings": "yes",
        "import_line": "one line",
        "indent": "4 spaces",
        "jinja_quotes": "single",
        "jinja_spaces": "yes",
        "keywords": "lower",
        "last_select": "star",
        "quoting": "where needed",
        "renamed_cte": "renamed",
        "semicolon": "no",
        "shape": "source and renamed",
        "source_cte": "source",
        "star_line": "one line",
        "types": "lower",
        "with": "own line",
    }


def test_a_style_of_its_own_told_apart_from_comments_strings_and_jinja() -> None:
    assert dict(sql_traits(OWN, "orders")) == {
        "after_select": "none",
        "before_from": "none",
        "comma_place": "at the columns",
        "comma_space": "no",
        "commas": "leading",
        "config": "lines",
        "config_spaces": "no",
        "cte_padding": "none",
        "functions": "upper",
        "headings": "no",
        "import_line": "two lines",
        "indent": "tab",
        "jinja_quotes": "double",
        "jinja_spaces": "no",
        "keywords": "upper",
        "last_select": "direct",
        "quoting": "where needed",
        "semicolon": "yes",
        "shape": "source cte",
        "source_cte": "src_{table}",
        "types": "upper",
        "with": "same line",
    }


@pytest.mark.parametrize(
    ("text", "table", "expected"),
    [
        (NO_CTE, "orders", {"shape": "no cte", "indent": "2 spaces", "keywords": "lower", "commas": "trailing"}),
        ("select * from {{ source('s', 't') }}\n", "t", {"shape": "star", "semicolon": "no"}),
        (
            "with tax as (select * from {{ source('s', 'tax') }}) select * from tax",
            "tax",
            {"shape": "star cte", "source_cte": "{table}", "last_select": "star"},
        ),
        (MART, None, {"imports": "ctes", "final_cte": "final", "between_ctes": "same line", "last_select": "star"}),
        ("select a.id from {{ ref('x') }} a join {{ ref('y') }} b on 1 = 1", None, {"imports": "inline"}),
        ('select id as "a", b as "b"\nfrom {{ ref("x") }}', None, {"quoting": "always"}),
        ("", None, {"keywords": None, "semicolon": None}),
        ("SELECT a, b from t", None, {"keywords": None}),
    ],
)
def test_traits(text: str, table: str | None, expected: dict[str, str | None]) -> None:
    found = dict(sql_traits(text, table))
    assert {trait: found.get(trait) for trait in expected} == expected


def test_settings_of_linters_and_editors(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".editorconfig").write_text("root = true\n[*]\nindent_size = 2\n[*.{py,sql}]\nindent_style = tab\n")
    project = tmp_path / "dbt"
    project.mkdir()
    assert configured_style(project) == (("indent", "tab", "../.editorconfig"),)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.sqlfluff.rules.capitalisation.functions]\nextended_capitalisation_policy = 'upper'\n"
    )
    (project / ".sqlfluff").write_text(
        "[sqlfluff]\ndialect = duckdb\n[sqlfluff:indentation]\ntab_space_size = 2\n"
        "[sqlfluff:layout:type:comma]\nline_position = leading\n"
        "[sqlfluff:rules:capitalisation.keywords]\ncapitalisation_policy = upper\n"
        "[sqlfluff:rules:capitalisation.types]\nextended_capitalisation_policy = pascal\n"
    )
    assert configured_style(project) == (
        ("between_ctes", "leading comma", ".sqlfluff"),
        ("comma_space", "yes", ".sqlfluff"),
        ("commas", "leading", ".sqlfluff"),
        ("config_spaces", "yes", ".sqlfluff"),
        ("functions", "upper", "../pyproject.toml"),
        ("indent", "2 spaces", ".sqlfluff"),
        ("jinja_spaces", "yes", ".sqlfluff"),
        ("keywords", "upper", ".sqlfluff"),
    )


def test_rules_that_are_switched_off_ask_for_nothing(tmp_path: Path) -> None:
    (tmp_path / ".sqlfluff").write_text("[sqlfluff]\nexclude_rules = JJ01, layout.spacing, LT04,LT08\n")
    assert configured_style(tmp_path) == (("indent", "4 spaces", ".sqlfluff"),)
    (tmp_path / ".sqlfluff").write_text("[sqlfluff]\nrules = jinja\n")
    assert configured_style(tmp_path) == (("config_spaces", "yes", ".sqlfluff"), ("jinja_spaces", "yes", ".sqlfluff"))


def test_settings_that_cannot_be_read_ask_for_nothing(tmp_path: Path) -> None:
    (tmp_path / ".sqlfluff").write_bytes(b"sqlfluff \xff")
    (tmp_path / "pyproject.toml").write_text("[tool.sqlfluff\n")
    (tmp_path / ".editorconfig").write_text("no section\n[*\n= =\n")
    assert configured_style(tmp_path) == ()


def test_headings_and_commas_where_a_team_puts_them() -> None:
    text = "SELECT\n\n    ---------- ids\n    id\n    ---------- strings\n  , name\nFROM {{ source('s', 't') }}\n"
    found = dict(sql_traits(text, "t"))
    assert found["heading_dashes"] == "----------"
    assert found["after_select"] == "blank line"
    assert found["comma_place"] == "before the columns"


def test_a_select_on_one_line_has_no_empty_line_before_from() -> None:
    assert dict(sql_traits("select id from {{ source('s', 't') }}\n", "t"))["before_from"] == "none"
    assert dict(sql_traits("select *\n\nfrom {{ source('s', 't') }}\n", "t"))["star_line"] == "two lines"
