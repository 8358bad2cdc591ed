"""Names and places from presets: any text gives a safe name, and no two tables share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.domain.project import ProjectContext, ProjectState
from cartridge.plan.naming import (
    conventions_for,
    model_home,
    preset_named,
    safe_name,
    source_name,
    sources_file,
    staging_home,
    unique_names,
)
from cartridge.plan.presets import PRESETS
from cartridge.plan.reserved import DEVICE_NAMES, RESERVED_WORDS

SAFE = re.compile(r"[a-z][a-z0-9_]*")
HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["con", "AUX", "nul.sql", "Order", "1st table", "a.b", 'x"y', "", "\0", "\u202eoops", "🚀", "été", "表"]
    ),
    st.text(alphabet="abAB_ .-1", max_size=90),
)


@given(HOSTILE)
def test_any_text_gives_a_safe_name(text: str) -> None:
    name = safe_name(text)
    assert SAFE.fullmatch(name)
    assert len(name.encode()) <= 63
    assert name not in RESERVED_WORDS | DEVICE_NAMES
    assert safe_name(text) == name


@given(st.text(alphabet="abcdefgh_", min_size=1, max_size=40).filter(lambda t: re.fullmatch(r"[a-z]+(_[a-z]+)*", t)))
def test_a_safe_name_stays_as_it_is(text: str) -> None:
    if text not in RESERVED_WORDS | DEVICE_NAMES:
        assert safe_name(text) == text


@given(st.lists(HOSTILE, max_size=12), st.randoms())
def test_unique_names_do_not_collide_and_ignore_the_order(texts: list[str], random: object) -> None:
    names = unique_names(texts)
    assert len({name.casefold() for name in names}) == len(texts)
    assert all(SAFE.fullmatch(name) and len(name) <= 63 for name in names)
    shuffled = texts.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(zip(texts, names, strict=True)) == sorted(zip(shuffled, unique_names(shuffled), strict=True))


@given(
    st.lists(HOSTILE, max_size=8, unique=True), st.lists(HOSTILE, max_size=8).map(lambda t: [safe_name(x) for x in t])
)
def test_unique_names_leave_taken_names_alone(texts: list[str], taken: list[str]) -> None:
    assert not set(unique_names(texts, taken)) & set(taken)


@given(st.sampled_from(sorted(PRESETS)), HOSTILE, HOSTILE)
def test_every_preset_gives_every_table_a_home(preset: str, schema: str, table: str) -> None:
    source = source_name(schema)
    home = staging_home(PRESETS[preset], source, table)
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,62}", home.name)
    assert home.path.endswith(f"/{home.name}.sql")
    assert home.path.startswith("models/")
    assert ".." not in home.path
    assert home.properties_path.endswith(".yml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Order Details", "order_details"),
        ("CustomerOrderID", "customer_order_id"),
        ("order", "order_table"),
        ("CON", "con_table"),
        ("2024_sales", "table_2024_sales"),
        ("été", "ete"),
        ("🚀 launches", "rocket_launches"),
        ("sales.orders", "sales_orders"),
        ("\u202eorders\u200b", "orders"),
        ("a\0b", "a_b"),
    ],
)
def test_safe_names_are_clear(text: str, expected: str) -> None:
    assert safe_name(text) == expected


def test_texts_that_fold_together_are_told_apart() -> None:
    names = unique_names(["orders", "Orders", "ORDERS", "orders"])
    assert names[0] == "orders"
    assert names[3] == "orders_2"
    assert all(re.fullmatch(r"orders_[0-9a-f]{8}", name) for name in names[1:3])


def test_long_names_keep_their_beginning_and_differ() -> None:
    first, second = safe_name("x" * 250 + "a"), safe_name("x" * 250 + "b")
    assert first != second
    assert first.startswith("x" * 50)
    assert len(first) == len(second) == 63


@pytest.mark.parametrize(
    ("schema", "database", "expected"),
    [
        ("ecommerce", "shop", "ecommerce"),
        ("main", "Chinook", "chinook"),
        ("public", "my-db", "my_db"),
        ("public", None, "public"),
        ("dbo", "AdventureWorks", "adventure_works"),
        ("Default", "lake", "lake"),
        ("", "northwind", "northwind"),
    ],
)
def test_a_source_is_called_after_its_schema(schema: str, database: str | None, expected: str) -> None:
    assert source_name(schema, database) == expected


def test_the_default_preset_follows_the_guide() -> None:
    preset = conventions_for()
    home = staging_home(preset, "shop", "OrderItem")
    assert home.name == "stg_shop__order_items"
    assert home.path == "models/staging/shop/stg_shop__order_items.sql"
    assert home.properties_path == "models/staging/shop/_shop__models.yml"
    assert sources_file(preset, "shop") == "models/staging/shop/_shop__sources.yml"
    assert model_home(preset, "fact", "order").path == "models/marts/fct_orders.sql"
    assert model_home(preset, "dimension", "customer").properties_path == "models/marts/_marts__models.yml"
    assert model_home(preset, "date", "date").name == "dim_dates"
    assert model_home(preset, "bridge", "film_actor", "rental").path == "models/marts/rental/bridge_film_actors.sql"
    assert (
        model_home(preset, "bridge", "film_actor", "rental").properties_path
        == "models/marts/rental/_rental__models.yml"
    )
    inter = model_home(preset, "intermediate", "orders_joined_to_customers")
    assert inter.path == "models/intermediate/int_orders_joined_to_customers.sql"
    assert inter.properties_path == "models/intermediate/_int__models.yml"
    assert (
        model_home(preset, "intermediate", "x", "sales").properties_path
        == "models/intermediate/sales/_int_sales__models.yml"
    )


@pytest.mark.parametrize(
    ("preset", "staging", "bridge"),
    [
        ("evaluator", "models/staging/shop/stg_shop__orders.sql", "models/marts/fct_film_actors.sql"),
        ("flat", "models/staging/stg_shop__orders.sql", "models/marts/bridge_film_actors.sql"),
        ("medallion", "models/bronze/shop/brz_shop__orders.sql", "models/gold/bridge_film_actors.sql"),
    ],
)
def test_the_other_presets(preset: str, staging: str, bridge: str) -> None:
    assert staging_home(PRESETS[preset], "shop", "orders").path == staging
    assert model_home(PRESETS[preset], "bridge", "film_actor").path == bridge
    assert PRESETS[preset].preset == preset


@pytest.mark.parametrize("text", ["medallion", "Medallion layout", "the medallion preset"])
def test_a_text_that_names_a_preset_is_read(text: str) -> None:
    assert preset_named(text) is PRESETS["medallion"]


@pytest.mark.parametrize("text", ["do not use flat files", "Standard dbt conventions", "", None])
def test_any_other_text_is_left_alone(text: str | None) -> None:
    assert preset_named(text) is None
    assert conventions_for(None, text) is PRESETS["dbt-labs"]


def test_prefixes_of_the_context_win() -> None:
    context = ProjectContext(
        naming_conventions={"staging": "src_", "intermediate": "wrk_", "mart": "f_", "other": "x_"}
    )
    found = conventions_for(context, "flat")
    assert staging_home(found, "shop", "orders").name == "src_shop__orders"
    assert model_home(found, "intermediate", "x").name == "wrk_x"
    assert model_home(found, "fact", "order").name == "f_orders"
    assert model_home(found, "dimension", "order").name == "dim_orders"


def test_the_documented_prefixes_change_nothing() -> None:
    context = ProjectContext(naming_conventions={"staging": "stg_", "intermediate": "int_", "mart": "fct_"})
    assert conventions_for(context) == PRESETS["dbt-labs"]


def test_a_general_mart_prefix_holds_for_every_mart() -> None:
    found = conventions_for(ProjectContext(naming_conventions={"marts": "mart_"}))
    assert {model_home(found, kind, "order").name for kind in ("fact", "dimension", "bridge")} == {"mart_orders"}


@pytest.mark.parametrize("prefix", ["", "../", "{{ x }}", "a b", "stg-"])
def test_a_prefix_that_is_no_name_is_not_used(prefix: str) -> None:
    assert conventions_for(ProjectContext(naming_conventions={"staging": prefix})) == PRESETS["dbt-labs"]


def test_presets_follow_the_model_folder_of_the_project() -> None:
    context = ProjectContext(state=ProjectState(name="p", model_paths=("transform",)))
    assert (
        staging_home(conventions_for(context), "shop", "orders").path == "transform/staging/shop/stg_shop__orders.sql"
    )
