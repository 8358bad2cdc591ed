"""Shapes of schemas that are not plain stars: tenants, partitions, documents, histories, cycles, nothing at all."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartridge.domain.schema import ColumnMapping, Relationship, TableMapping, TableProfile
from cartridge.plan.keys import find_keys
from cartridge.plan.star import MartDesign, StarDesign, design_star
from cartridge.plan.star.names import BusinessNames
from schemas import WrittenKey, WrittenKeys, read_schema


def drawn(text: str) -> StarDesign:
    schema = read_schema(text)
    return design_star(schema.tables, schema.keys)


def roles(star: StarDesign) -> dict[str, str]:
    return {key[1]: role.role for key, role in star.roles.items()}


def mart(star: StarDesign, name: str) -> MartDesign:
    return next(mart for mart in star.marts if mart.name == name)


TENANT = """
{0}.customers(id pk, name, email, city)
{0}.orders(id pk, customer_id -> {0}.customers, ordered_at ts, total num)
{0}.coupons(id pk, code, percent_off num, expires_at ts)
"""


def test_schemas_of_one_shape_are_designed_once() -> None:
    star = drawn("".join(TENANT.format(name) for name in ("shop_us", "shop_eu", "shop_jp")))
    assert [(union.name, union.labels) for union in star.unions] == [
        ("coupons", ("shop_eu", "shop_jp", "shop_us")),
        ("customers", ("shop_eu", "shop_jp", "shop_us")),
        ("orders", ("shop_eu", "shop_jp", "shop_us")),
    ]
    assert len(star.roles) == 9
    assert [mart.grain_table for mart in star.marts if mart.kind == "fact"] == [("shop_eu", "orders")]
    assert [mart.name for mart in star.marts if mart.grain_table == ("shop_eu", "customers")] == ["customers"]


def test_two_systems_that_share_a_table_name_are_not_one() -> None:
    star = drawn(
        """
        stripe.customers(id pk, email, currency, balance num, created ts)
        stripe.charges(id pk, customer_id -> stripe.customers, amount num, created ts)
        crm.customers(id pk, name, segment, owner, region)
        crm.visits(id pk, customer_id -> crm.customers, visited_at ts, minutes int)
        """
    )
    assert star.unions == ()
    assert len({mart.name for mart in star.marts}) == len(star.marts)
    assert {mart.name for mart in star.marts if mart.kind == "dimension"} == {"customers", "stripe_customers"}


def test_partitions_by_month_are_one_fact() -> None:
    star = drawn(
        """
        devices(id pk, name, model, serial_number)
        readings_2024_01(id pk, device_id -> devices, read_at ts, energy_usage num)
        readings_2024_02(id pk, device_id -> devices, read_at ts, energy_usage num)
        readings_2024_03(id pk, device_id -> devices, read_at ts, energy_usage num)
        """
    )
    (union,) = star.unions
    assert (union.name, union.labels) == ("readings", ("2024_01", "2024_02", "2024_03"))
    assert [(mart.kind, mart.name) for mart in star.marts] == [
        ("fact", "readings"), ("dimension", "devices"), ("date", "dates"),
    ]  # fmt: skip
    assert roles(star)["readings_2024_03"] == "fact"


def test_shops_told_apart_by_a_first_word_are_one() -> None:
    star = drawn(
        """
        acme_orders(id pk, buyer, ordered_at ts, total num, channel)
        acme_refunds(id pk, order_number int, refunded_at ts, amount num, cause)
        zenith_orders(id pk, buyer, ordered_at ts, total num, channel)
        zenith_refunds(id pk, order_number int, refunded_at ts, amount num, cause)
        """
    )
    assert [(union.name, union.labels) for union in star.unions] == [
        ("orders", ("acme", "zenith")), ("refunds", ("acme", "zenith")),
    ]  # fmt: skip


def test_lists_of_values_of_one_shape_stay_apart() -> None:
    star = drawn(
        """
        order_types(id pk, name, description, sort_order int, active bool)
        order_states(id pk, name, description, sort_order int, active bool)
        item_types(id pk, name, description, sort_order int, active bool)
        item_states(id pk, name, description, sort_order int, active bool)
        """
    )
    assert star.unions == ()


def test_lines_of_a_document_are_a_fact_and_other_lists_are_not() -> None:
    star = drawn(
        """
        orders(_dlt_id pk text, order_id text, customer_name, placed_at ts, total num, _dlt_load_id text)
        orders__items(_dlt_id pk text, _dlt_parent_id text -> orders, _dlt_list_idx int, sku, quantity int, price num)
        orders__tags(_dlt_id pk text, _dlt_parent_id text -> orders, _dlt_list_idx int, value)
        _dlt_loads(load_id, schema_name, status int, inserted_at ts)
        _dlt_version(version int, engine_version int, inserted_at ts, schema)
        """
    )
    assert roles(star) == {
        "orders": "fact", "orders__items": "fact", "orders__tags": "child", "_dlt_loads": "excluded",
        "_dlt_version": "excluded",
    }  # fmt: skip
    assert [fold.alias for fold in mart(star, "order_items").folds] == ["order"]


def test_states_over_time_and_archives_get_no_mart() -> None:
    star = drawn(
        """
        products(id pk, name, list_price num, category)
        product_price_history(product_id pk -> products, valid_from pk ts, valid_to ts, list_price num)
        products_archive(id int, name, list_price num, category)
        sales(id pk, product_id -> products, sold_on date, amount num)
        """
    )
    assert roles(star)["product_price_history"] == "history"
    assert roles(star)["products_archive"] == "history"
    assert {mart.grain_table[1] for mart in star.marts if mart.grain_table} == {"products", "sales"}


def test_one_level_of_a_hierarchy_is_folded_by_name() -> None:
    star = drawn(
        """
        employees(id pk, first_name, last_name, hired_on date, manager_id -> employees)
        calls(id pk, employee_id -> employees, called_at ts, minutes int)
        """
    )
    (fold,) = mart(star, "employees").folds
    assert (fold.alias, fold.columns) == ("manager", ("first_name", "last_name"))


def test_a_calendar_of_the_source_is_used_instead_of_a_generated_one() -> None:
    star = drawn(
        """
        calendar(date_key pk, full_date date, day_of_week int, month int, quarter int, year int)
        stores(store_key pk, store_name, city, opened_on date)
        sales(sale_id pk, date_key -> calendar, store_key -> stores, units int, revenue num)
        """
    )
    assert [(mart.kind, mart.name) for mart in star.marts] == [
        ("fact", "sales"), ("dimension", "calendars"), ("dimension", "stores"),
    ]  # fmt: skip
    assert [(fold.alias, fold.columns) for fold in mart(star, "sales").folds] == [("calendar", ("full_date",))]


def test_columns_of_a_fact_say_how_they_may_be_summed() -> None:
    star = drawn(
        """
        accounts(id pk, name, email)
        snapshots(id pk, account_id -> accounts, taken_on date, closing_balance num, deposits_amount num,
                  interest_rate num, order_number, is_frozen bool, latitude num, created_by, note)
        """
    )
    found = {column.column: (column.use, column.additivity) for column in star.columns[("public", "snapshots")]}
    assert found == {
        "id": ("key", None), "account_id": ("foreign_key", None), "taken_on": ("date", None),
        "closing_balance": ("measure", "semi_additive"), "deposits_amount": ("measure", "additive"),
        "interest_rate": ("measure", "non_additive"), "order_number": ("degenerate", None),
        "is_frozen": ("attribute", None), "latitude": ("attribute", None), "created_by": ("omit", None),
        "note": ("attribute", None),
    }  # fmt: skip


def test_places_and_prices_of_one_piece_are_not_summed() -> None:
    star = drawn(
        """
        invoices(id pk, number, issued_at ts, tax num, metadata json, drop_lat num, drop_longitude_deg num)
        invoice_lines(id pk, invoice_id -> invoices, quantity int, unit_amount_cents int, unit_price_total num)
        stays(id pk, slept_at ts, amount_per_night num, mrr_cents int, price_cents int, api_calls int, calls_limit int)
        claim_lines(id pk, billed_at ts, units int, max_units num)
        """
    )
    additivity = {c.column: c.additivity for columns in star.columns.values() for c in columns}
    assert additivity["drop_lat"] is additivity["drop_longitude_deg"] is None
    assert (additivity["unit_amount_cents"], additivity["amount_per_night"]) == ("non_additive", "non_additive")
    assert (additivity["mrr_cents"], additivity["price_cents"]) == ("semi_additive", "additive")
    assert (additivity["api_calls"], additivity["calls_limit"]) == ("additive", None)
    assert (additivity["units"], additivity["max_units"]) == ("additive", "non_additive")
    assert additivity["unit_price_total"] == "additive"
    assert "metadata" not in mart(star, "invoice_lines").folds[0].columns
    assert "metadata" in {column.column for column in mart(star, "invoices").columns}


def test_an_amount_in_cents_says_so() -> None:
    star = drawn("carts(id pk, filled_at ts)\ncart_lines(id pk, cart_id -> carts, quantity int, unit_amount_cents int)")
    assert [amount.name for amount in mart(star, "cart_lines").computed] == ["line_amount_cents"]


def test_values_of_attributes_are_no_fact() -> None:
    star = drawn(
        """
        attributes(attribute_id pk, attribute_code, backend_type)
        stores(store_id pk, name)
        products(entity_id pk, sku, created_at ts)
        product_varchar(value_id pk, attribute_id -> attributes, store_id -> stores, entity_id -> products, value)
        product_decimal(value_id pk, attribute_id -> attributes, store_id -> stores, entity_id -> products, value num)
        product_sales(sale_id pk, store_id -> stores, entity_id -> products, sold_at ts, value num)
        """
    )
    assert {roles(star)[name] for name in ("product_varchar", "product_decimal")} == {"child"}
    assert roles(star)["product_sales"] == "fact"


def test_what_a_collector_of_events_wrote_is_no_dimension() -> None:
    moments = "received_at ts, sent_at ts, original_timestamp ts"
    star = drawn(
        f"""
        users(id pk, email, name, received_at ts)
        pages(id pk, anonymous_id, user_id -> users, name, title, url, {moments})
        product_viewed(id pk, anonymous_id, user_id -> users, name, brand, {moments})
        order_completed(id pk, anonymous_id, user_id -> users, name, revenue num, {moments})
        """
    )
    assert roles(star) == {
        "users": "dimension", "pages": "event", "product_viewed": "event", "order_completed": "fact",
    }  # fmt: skip
    assert {m.name for m in star.marts if m.kind == "fact"} == {"pages", "product_viewed", "order_completed"}


def test_a_membership_is_a_bridge_and_a_key_of_the_application_nothing() -> None:
    star = drawn(
        """
        users(id pk, email, first_name, last_name)
        organizations(id pk, name, owner_id -> users)
        memberships(id pk, user_id -> users, organization_id -> organizations, role, created_at ts)
        members(id pk, user_id -> users, organization_id -> organizations, role, invited_by_id -> users, joined_at ts)
        api_keys(id pk, organization_id -> organizations, name, created_at ts, updated_at ts)
        """
    )
    found = roles(star)
    assert (found["memberships"], found["members"], found["api_keys"]) == ("bridge", "bridge", "excluded")
    assert mart(star, "memberships").kind == "bridge"
    assert [fold.alias for fold in mart(star, "organizations").folds] == ["owner"]


def test_tokens_to_log_in_with_are_no_matter_of_analysis() -> None:
    star = drawn(
        """
        users(id pk, email, name, created_at ts)
        accounts(id pk, user_id -> users, provider, provider_account_id, access_token, refresh_token)
        sessions(id pk, session_token, user_id -> users, expires ts)
        visits(id pk, user_id -> users, visit_token, started_at ts, pages int)
        """
    )
    assert roles(star) == {"users": "dimension", "accounts": "excluded", "sessions": "excluded", "visits": "event"}


def test_a_platforms_own_schema_is_left_but_for_who_logs_in() -> None:
    star = drawn(
        """
        auth.users(id pk, email, last_sign_in_at ts, created_at ts)
        auth.sessions(id pk, user_id -> auth.users, created_at ts, user_agent)
        auth.identities(id pk, user_id -> auth.users, provider, created_at ts)
        app.tasks(id pk, assignee_id -> auth.users, title, completed_at ts, hours num)
        """
    )
    found = roles(star)
    assert (found["users"], found["tasks"]) == ("dimension", "fact")
    assert (found["sessions"], found["identities"]) == ("excluded", "excluded")


def test_versions_that_a_loader_keeps_are_history() -> None:
    schema = read_schema(
        """
        campaign_history(id pk, updated_at pk ts, name, status, _fivetran_synced ts)
        ad_stats(id pk, campaign_id, day date, clicks int, _fivetran_synced ts)
        """
    )
    star = design_star(schema.tables, find_keys(schema.tables))
    assert roles(star) == {"campaign_history": "history", "ad_stats": "fact"}
    assert mart(star, "ad_stats").folds == (), "one row of a campaign would become many"


def test_a_discount_makes_the_line_amount_gross() -> None:
    star = drawn(
        """
        orders(id pk, placed_at ts, buyer)
        order_lines(order_id pk -> orders, line pk int, quantity int, unit_price num, discount num)
        """
    )
    assert [amount.name for amount in mart(star, "order_lines").computed] == ["gross_amount"]
    assert [m.name for rollup in mart(star, "orders").rollups for m in rollup.measures] == [
        "order_line_quantity", "order_line_gross_amount", "order_line_count",
    ]  # fmt: skip


def test_a_parent_that_is_not_reached_by_its_key_is_never_joined() -> None:
    schema = read_schema("cities(id pk, name, country)\nvisits(id pk, city, seen_at ts, guests int)")
    loose = Relationship(("public", "visits"), ("city",), ("public", "cities"), ("name",), "inferred", 0.9)
    star = design_star(schema.tables, WrittenKeys(schema.keys.primary_keys, (loose,)))
    assert mart(star, "visits").folds == ()


def test_references_in_a_circle_end() -> None:
    star = drawn(
        """
        orders(id pk, last_payment_id -> payments, ordered_at ts, total num)
        payments(id pk, order_id -> orders, paid_at ts, amount num)
        invoices(id pk, credit_id -> credits, invoiced_at ts, amount num)
        credits(id pk, invoice_id -> invoices, credited_at ts, amount num)
        """
    )
    for design in star.marts:
        for fold in design.folds:
            visited = [design.grain_table, *(step.ref_table for step in fold.path)]
            assert len(set(visited)) == len(visited)


@pytest.mark.parametrize("keys", [WrittenKeys(), None])
def test_tables_without_any_key_still_have_roles(keys: WrittenKeys | None) -> None:
    tables = [
        TableMapping("export", "files", columns=[ColumnMapping(f"column_{n}", "text") for n in range(2000)]),
        TableMapping("empty", "files", columns=[]),
        TableMapping("sales", "files", columns=[ColumnMapping("sold_on", "date"), ColumnMapping("amount", "numeric")]),
    ]
    star = design_star(tables, keys or find_keys(tables))
    assert roles(star)["sales"] == "fact"
    assert roles(star)["empty"] == "excluded"
    assert set(star.roles) == {table.key for table in tables}


def test_no_tables_no_marts() -> None:
    assert design_star([], WrittenKeys()) == StarDesign({}, (), {}, ())


def test_a_long_list_is_no_lookup() -> None:
    schema = read_schema("brands(id pk, name)\nbottles(id pk, brand_id -> brands, name, litres num, color)")
    profile = {("public", "brands"): TableProfile(rows=90_000, columns={})}
    short = design_star(schema.tables, schema.keys)
    long = design_star(schema.tables, schema.keys, profile)
    assert roles(short)["brands"] == "lookup"
    assert roles(long)["brands"] == "dimension"


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=5, unique=True)), max_size=8, unique_by=lambda t: t[0]))
def test_any_names_give_a_design_with_unique_marts(written: list[tuple[str, list[str]]]) -> None:
    tables = [
        TableMapping(name, "main", columns=[ColumnMapping(column, "integer") for column in columns])
        for name, columns in written
    ]
    keys = {t.key: WrittenKey((t.columns[0].name,)) for t in tables if t.columns}
    links = tuple(
        Relationship(child.key, (child.columns[-1].name,), parent.key, (parent.columns[0].name,))
        for child, parent in pairwise(tables)
        if len(child.columns) > 1 and parent.columns
    )
    star = design_star(tables, WrittenKeys(keys, links))
    assert set(star.roles) == {table.key for table in tables}
    assert len({mart.name for mart in star.marts}) == len(star.marts)
    assert all(mart.name for mart in star.marts)


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (("Product2", "Account"), {"products", "accounts"}),
        (("Product", "Product2"), {"products", "products_2"}),
        (("sales_2024", "customers"), {"sales_2024", "customers"}),
        (("orders_v2", "customers"), {"orders", "customers"}),
    ],
)
def test_a_number_at_the_end_of_a_name_says_something_only_beside_its_like(
    tables: tuple[str, ...], names: set[str]
) -> None:
    known = BusinessNames([("app", name) for name in tables], {})
    assert {known.plural(("app", name)) for name in tables} == names


def test_a_schemas_name_stands_before_a_tables_only_from_its_first_word_on() -> None:
    tables = [("google_ads", name) for name in ("ad_stats", "ad_group", "google_ads_keyword", "google_campaign")]
    known = BusinessNames([*tables, ("hr", "hr_details"), ("raw_stripe", "stripe_charge")], {})
    assert [known.plural(table) for table in tables] == ["ad_stats", "ad_groups", "keywords", "campaigns"]
    assert known.plural(("hr", "hr_details")) == "hr_details", "details of what?"
    assert known.plural(("raw_stripe", "stripe_charge")) == "charges"


def test_summed_lines_do_not_say_line_twice() -> None:
    star = drawn(
        """
        invoice(id pk, total num, issued_at ts)
        invoice_line(id pk, invoice_id -> invoice, quantity int, unit_price num)
        """
    )
    assert [m.name for rollup in mart(star, "invoices").rollups for m in rollup.measures] == [
        "invoice_line_quantity", "invoice_line_amount", "invoice_line_count",
    ]  # fmt: skip
