"""Conventions learned from a project: a new table goes where its people would put it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.domain.project import (
    Conventions,
    ModelState,
    ProjectContext,
    ProjectState,
    PropertiesState,
    SourceState,
    SourceTableState,
)
from cartridge.plan.conventions import TablePlace, known_tables, learn, learned_rules
from cartridge.plan.naming import Home, conventions_for, model_home, sources_file, staging_home
from cartridge.plan.presets import PRESETS

Staged = tuple[str, str, str, str | None]
"""(source, table, path of the model, path of its properties)."""


def project(
    staged: Iterable[Staged], others: Iterable[ModelState] = (), files: dict[str, str] | None = None
) -> ProjectState:
    """A project that stages those tables. `files` is the file of each source."""
    models = {model.name: model for model in others}
    tables: dict[str, list[str]] = {}
    for source, table, path, properties in staged:
        name = path.rpartition("/")[2].removesuffix(".sql")
        models[name] = ModelState(name, path, layer="staging", sources=((source, table),), properties_path=properties)
        tables.setdefault(source, []).append(table)
    sources = {
        source: SourceState(source, source, path=(files or {}).get(source), tables=tuple(map(SourceTableState, names)))
        for source, names in tables.items()
    }
    return ProjectState(name="p", models=models, sources=sources)


def learned(state: ProjectState) -> Conventions:
    return conventions_for(ProjectContext(state=state))


def home(state: ProjectState, source: str, table: str, place: TablePlace = TablePlace()) -> Home:  # noqa: B008
    return staging_home(learned(state), source, table, place)


def mart(name: str, folder: str, **more: object) -> ModelState:
    return ModelState(name, f"{folder}/{name}.sql", layer="mart", **more)  # type: ignore[arg-type]


def guide(source: str, *tables: str) -> list[Staged]:
    folder = f"models/staging/{source}"
    return [(source, t, f"{folder}/stg_{source}__{t}s.sql", f"{folder}/_{source}__models.yml") for t in tables]


STYLES: dict[str, tuple[list[Staged], tuple[str, str], tuple[str, str]]] = {
    "the guide, a new source": (
        [*guide("shop", "order", "item"), *guide("crm", "lead")],
        ("erp", "invoice"),
        ("models/staging/erp/stg_erp__invoices.sql", "models/staging/erp/_erp__models.yml"),
    ),
    "the guide, a known source": (
        guide("shop", "order", "item"),
        ("shop", "category"),
        ("models/staging/shop/stg_shop__categories.sql", "models/staging/shop/_shop__models.yml"),
    ),
    "one underscore, one YAML per model": (
        [("shop", t, f"models/stg/stg_shop_{t}.sql", f"models/stg/stg_shop_{t}.yml") for t in ("order", "item")],
        ("shop", "lead"),
        ("models/stg/stg_shop_lead.sql", "models/stg/stg_shop_lead.yml"),
    ),
    "a central schema.yml, src_ models": (
        [("shop", t, f"models/base/src_{t}.sql", "models/schema.yml") for t in ("orders", "items", "users")],
        ("shop", "leads"),
        ("models/base/src_leads.sql", "models/schema.yml"),
    ),
    "an alias of the source": (
        [
            ("salesforce", t, f"models/sources/sfdc/sfdc_{t}_source.sql", "models/sources/sfdc/schema.yml")
            for t in ("account", "lead", "task")
        ],
        ("salesforce", "campaign"),
        ("models/sources/sfdc/sfdc_campaign_source.sql", "models/sources/sfdc/schema.yml"),
    ),
    "a prefix of the tables is dropped": (
        [("erp", f"tbl_{t}", f"models/staging/stg_{t}.sql", "models/staging/staging.yml") for t in ("a", "bb", "ccc")],
        ("erp", "tbl_customer_order"),
        ("models/staging/stg_customer_order.sql", "models/staging/staging.yml"),
    ),
    "CamelCase tables without breaks": (
        [("erp", t, f"models/raw/raw_{t.lower()}.sql", "models/raw/_m.yml") for t in ("OrderLine", "SalesRep", "Tax")],
        ("erp", "CustomerGroup"),
        ("models/raw/raw_customergroup.sql", "models/raw/_m.yml"),
    ),
    "CamelCase tables in snake case": (
        [
            ("erp", "OrderLine", "models/raw/raw_order_line.sql", "models/raw/_m.yml"),
            ("erp", "SalesRep", "models/raw/raw_sales_rep.sql", "models/raw/_m.yml"),
        ],
        ("erp", "CustomerGroup"),
        ("models/raw/raw_customer_group.sql", "models/raw/_m.yml"),
    ),
    "folders by the system in the table's name": (
        [
            ("lake", f"raw__{s}__{t}", f"models/staging/{s}/stg__{s}__{t}.sql", f"models/staging/{s}/_{s}.yml")
            for s in ("crm", "erp", "web")
            for t in ("users", "events")
        ],
        ("lake", "raw__erp__invoices"),
        ("models/staging/erp/stg__erp__invoices.sql", "models/staging/erp/_erp.yml"),
    ),
    "folders by team and subject": (
        [
            *[("db", f"pay_{t}", f"models/finance/stg_pay_{t}.sql", "models/finance/f.yml") for t in ("in", "out")],
            *[("db", f"hr_{t}", f"models/people/stg_hr_{t}.sql", "models/people/p.yml") for t in ("job", "team")],
        ],
        ("db", "pay_rates"),
        ("models/finance/stg_pay_rates.sql", "models/finance/f.yml"),
    ),
    "medallion": (
        [
            (s, t, f"models/bronze/{s}/brz_{s}_{t}.sql", f"models/bronze/{s}/{s}.yml")
            for s in ("crm", "erp")
            for t in ("users", "events")
        ],
        ("web", "clicks"),
        ("models/bronze/web/brz_web_clicks.sql", "models/bronze/web/web.yml"),
    ),
    "upper case": (
        [("ERP", t, f"models/STG/STG_{t}.sql", "models/STG/STG.yml") for t in ("ORDERS", "ITEMS", "USERS")],
        ("ERP", "LEADS"),
        ("models/STG/STG_LEADS.sql", "models/STG/STG.yml"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_a_new_table_goes_where_its_siblings_are(style: str) -> None:
    staged, (source, table), (path, properties) = STYLES[style]
    found = home(project(staged), source, table)
    assert (found.path, found.properties_path) == (path, properties)
    assert found.path.endswith(f"/{found.name}.sql")


def test_every_model_of_a_regular_project_is_told_from_the_others() -> None:
    tables = ("order", "item", "user_group", "payment")
    everything = [row for source in ("shop", "crm", "erp") for row in guide(source, *tables)]
    for row in everything:
        rest = project([other for other in everything if other != row])
        assert home(rest, row[0], row[1]).path == row[2]


def test_the_file_that_declares_a_table_tells_its_folder() -> None:
    staged = [
        ("lake", f"{s}_{t}", f"models/{s}/staging/stg_{s}_{t}.sql", None) for s in ("aa", "bb") for t in ("x", "y", "z")
    ]
    state = project(staged)
    tables = tuple(SourceTableState(table, path=f"models/{table[:2]}/src.yml") for _, table, _, _ in staged)
    state = ProjectState(
        name="p",
        models=state.models,
        sources={"lake": SourceState("lake", "lake", path="models/aa/src.yml", tables=tables)},
    )
    place = TablePlace(declared_in="models/cc/src.yml")
    assert home(state, "lake", "cc_new", place).path == "models/cc/staging/stg_cc_new.sql"
    assert sources_of(state, "bb_new") == "models/bb/src.yml"


def sources_of(state: ProjectState, table: str) -> str | None:
    found = learn(state, PRESETS["dbt-labs"])
    assert found
    assert found.habits
    return found.habits.declaring_file("lake", table)


def test_where_nothing_is_learned_the_preset_holds() -> None:
    assert learn(ProjectState(name="p"), PRESETS["dbt-labs"]) is None
    only_marts = ProjectState(name="p", models={"fct_a": mart("fct_a", "models/marts")})
    assert home(only_marts, "shop", "order").path == "models/staging/shop/stg_shop__orders.sql"


def test_a_named_preset_and_a_prefix_win_over_what_was_learned() -> None:
    state = project(STYLES["medallion"][0])
    assert staging_home(conventions_for(ProjectContext(state=state), "flat"), "web", "click").path == (
        "models/staging/stg_web__clicks.sql"
    )
    asked = conventions_for(ProjectContext(state=state, naming_conventions={"staging": "src_"}))
    assert staging_home(asked, "crm", "deals").path == "models/bronze/crm/src_crm_deals.sql"


@pytest.mark.parametrize(
    ("marts", "fact", "dimension", "properties"),
    [
        (
            [mart("fact_sale", "models/gold"), mart("dim_client", "models/gold", properties_path="models/gold/g.yml")],
            "models/gold/fact_order.sql",
            "models/gold/dim_order.sql",
            "models/gold/g.yml",
        ),
        (
            [
                mart(f"fct_{n}", f"models/marts/{n}", properties_path=f"models/marts/{n}/fct_{n}.yml")
                for n in ("sales", "visits", "costs")
            ],
            "models/marts/fct_orders.sql",
            "models/marts/dim_orders.sql",
            "models/marts/fct_orders.yml",
        ),
        (
            [mart(f"fct_{n}", "models/marts", properties_path=f"fct_{n}/é_fct_{n}.yml") for n in ("sales", "costs")],
            "models/marts/fct_orders.sql",
            "models/marts/dim_orders.sql",
            "fct_orders/é_fct_orders.yml",
        ),
        (
            [mart("customers", "models/marts/core"), mart("orders", "models/marts/core")],
            "models/marts/core/orders.sql",
            "models/marts/core/orders.sql",
            "models/marts/core/_marts__models.yml",
        ),
    ],
)  # fmt: skip
def test_marts_follow_the_marts(marts: list[ModelState], fact: str, dimension: str, properties: str) -> None:
    found = learned(ProjectState(name="p", models={model.name: model for model in marts}))
    assert model_home(found, "fact", "order").path == fact
    assert model_home(found, "dimension", "order").path == dimension
    if marts[0].name.startswith(("fct", "cus")):
        assert model_home(found, "fact", "order").properties_path == properties
    else:
        assert model_home(found, "dimension", "order").properties_path == properties


def test_sources_are_declared_as_others_are() -> None:
    staged = [*guide("shop", "order"), *guide("crm", "lead")]
    beside = project(staged, files={s: f"models/staging/{s}/src_{s}.yml" for s in ("shop", "crm")})
    assert sources_file(learned(beside), "erp") == "models/staging/erp/src_erp.yml"
    central = project(staged, files=dict.fromkeys(("shop", "crm"), "models/sources.yml"))
    assert sources_file(learned(central), "erp") == "models/sources.yml"


def test_the_tests_key_of_the_project_is_used_where_it_uses_one() -> None:
    def state(*keys: str | None) -> ProjectState:
        files = {f"{n}.yml": PropertiesState(f"{n}.yml", tests_key=key) for n, key in enumerate(keys)}  # type: ignore[arg-type]
        return ProjectState(name="p", models={"stg_a": mart("stg_a", "models")}, properties=files)

    assert learned(state("tests", None)).tests_key == "tests"
    assert learned(state("tests", "data_tests")).tests_key == "data_tests"
    assert learned(state()).tests_key == "data_tests"


def test_staged_tables_are_known() -> None:
    joined = ModelState(
        "stg_joined", "models/stg_joined.sql", layer="staging", sources=(("shop", "order"), ("shop", "late"))
    )
    state = project([*guide("shop", "order"), ("shop", "late", "models/marts/x.sql", None)], [joined])
    state = ProjectState(
        name="p",
        sources=state.sources,
        models={name: model for name, model in state.models.items() if name != "x"},
    )
    assert known_tables(state) == {("shop", "order"): "stg_shop__orders", ("shop", "late"): "stg_joined"}


def test_rules_are_shown_with_their_counts() -> None:
    staged = [
        *guide("shop", "order", "item", "lead"),
        *guide("web", "click"),
        ("crm", "a", "models/staging/crm/odd.sql", None),
    ]
    staged += [("erp", f"t_{t}", f"models/staging/erp/stg_erp__{t}.sql", None) for t in ("tax", "fee", "cost")]
    rules = {(rule.about, rule.scope): rule for rule in learned_rules(project(staged))}
    name = rules["staging name", "project"]
    assert (name.template, name.support, name.of) == ("stg_{source}__{table.plural}", 4, 5)
    assert (name.examples, name.exceptions) == (("stg_shop__items", "stg_shop__leads", "stg_shop__orders"), ("odd",))
    own = rules["staging name", "source erp"]
    assert (own.template, own.support, own.of, own.evidence) == ("stg_{source}__{table without t_…}", 3, 3, "firm")
    folder = rules["staging folder", "project"]
    assert (folder.template, folder.support, folder.of) == ("models/staging/{source}", 8, 8)
    assert rules["properties file", "project"].template == "{folder}/_{source}__models.yml"


def test_few_models_are_thin_evidence_and_different_ones_split() -> None:
    two = learned_rules(project(guide("shop", "order", "item")))
    assert {rule.evidence for rule in two} == {"thin"}
    marts = [mart(f"fct_{n}", "models", materialized=n) for n in ("view", "table", "incremental")]
    split = learned_rules(ProjectState(name="p", models={model.name: model for model in marts}))
    assert {rule.about: rule.evidence for rule in split}["materialized"] == "split"
    assert learned_rules(ProjectState(name="p")) == ()


WORD = st.text(alphabet="abcdefgh", min_size=2, max_size=6)
NAME = st.lists(WORD, min_size=1, max_size=3).map("_".join)
HOSTILE = st.one_of(
    NAME, st.text(max_size=80), st.sampled_from(["../../etc", "a/b", "{source}", "con", "", ":", "x" * 300])
)


@given(st.lists(st.tuples(NAME, NAME), min_size=1, max_size=8, unique=True), HOSTILE, HOSTILE)
def test_any_table_gets_a_home_below_the_model_folder(pairs: list[tuple[str, str]], source: str, table: str) -> None:
    staged: list[Staged] = [(s, t, f"models/staging/{s}/stg_{s}__{t}.sql", None) for s, t in pairs]
    found = home(project(staged), source or "s", table)
    assert re.fullmatch(r"\w+", found.name)
    assert found.path.startswith("models/")
    assert found.path.endswith(f"/{found.name}.sql")
    assert ".." not in found.path.split("/")
    assert not any(character in found.path for character in "{}\\\0")


@given(st.lists(st.tuples(NAME, NAME), min_size=2, max_size=8, unique=True), st.randoms(), NAME)
def test_what_is_learned_does_not_depend_on_the_order(pairs: list[tuple[str, str]], random: object, table: str) -> None:
    staged: list[Staged] = [(s, t, f"models/{s}/stg_{t}.sql", f"models/{s}/m.yml") for s, t in pairs]
    shuffled = staged.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    unique = {row[2].rpartition("/")[2]: row for row in sorted(staged)}.values()
    again = sorted(unique, key=shuffled.index)
    assert home(project(unique), pairs[0][0], table) == home(project(again), pairs[0][0], table)
