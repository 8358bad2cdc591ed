"""The star schema of a small shop: roles, marts, what is folded and what is summed."""

from __future__ import annotations

import random

import pytest

from cartridge.plan.star import MartDesign, StarDesign, design_star
from schemas import WrittenSchema, read_schema

SHOP = """
customers(id pk, first_name, last_name, email, password_hash, billing_address_id -> addresses,
          shipping_address_id -> addresses, created_at ts, updated_at ts)
addresses(id pk, street, city_id -> cities)
cities(id pk, name, country_id -> countries)
countries(id pk, name)
categories(id pk, name, parent_id -> categories)
products(id pk, name, category_id -> categories, list_price num, photo blob)
orders(id pk, customer_id -> customers, status_id -> order_statuses, ordered_at ts, shipping_fee num,
       last_edited_by -> users)
order_statuses(id pk, name)
order_items(id pk, order_id -> orders, product_id -> products, quantity int, unit_price num)
payments(id pk, order_id -> orders, amount num, paid_at ts)
tags(id pk, name)
product_tags(product_id pk -> products, tag_id pk -> tags)
users(id pk, username, password)
schema_migrations(version pk)
"""


@pytest.fixture(scope="module")
def shop() -> WrittenSchema:
    return read_schema(SHOP)


@pytest.fixture(scope="module")
def star(shop: WrittenSchema) -> StarDesign:
    return design_star(shop.tables, shop.keys)


def mart(star: StarDesign, name: str) -> MartDesign:
    return next(mart for mart in star.marts if mart.name == name)


def test_every_table_has_a_role_with_its_reasons(shop: WrittenSchema, star: StarDesign) -> None:
    roles = {key[1]: role.role for key, role in star.roles.items()}
    assert roles == {
        "customers": "dimension", "addresses": "lookup", "cities": "lookup", "countries": "lookup",
        "categories": "lookup", "products": "dimension", "orders": "fact", "order_statuses": "lookup",
        "order_items": "fact", "payments": "fact", "tags": "dimension", "product_tags": "bridge",
        "users": "dimension", "schema_migrations": "excluded",
    }  # fmt: skip
    assert all(role.evidence for role in star.roles.values())
    assert all(0 < role.confidence <= 1 for role in star.roles.values())


def test_marts_bear_business_names(star: StarDesign) -> None:
    assert [(mart.kind, mart.name) for mart in star.marts] == [
        ("fact", "order_items"), ("fact", "orders"), ("fact", "payments"), ("dimension", "customers"),
        ("dimension", "products"), ("dimension", "tags"), ("bridge", "product_tags"), ("date", "dates"),
    ]  # fmt: skip


def test_a_header_is_folded_into_its_lines_without_its_amounts(star: StarDesign) -> None:
    folds = {fold.alias: fold for fold in mart(star, "order_items").folds}
    assert set(folds) == {"order", "order_status"}
    assert "customer_id" in folds["order"].columns
    assert "ordered_at" in folds["order"].columns
    assert "shipping_fee" not in folds["order"].columns
    assert [str(step) for step in folds["order_status"].path] == [
        "order_items(order_id) -> orders(id)",
        "orders(status_id) -> order_statuses(id)",
    ]


def test_children_are_summed_to_the_header_before_they_are_joined(star: StarDesign) -> None:
    summed = {rollup.name: [m.name for m in rollup.measures] for rollup in mart(star, "orders").rollups}
    assert summed == {
        "order_items": ["order_item_quantity", "order_item_line_amount", "order_item_count"],
        "payments": ["payment_amount", "payment_count"],
    }


def test_geography_is_folded_whole_and_once_for_every_role(star: StarDesign) -> None:
    aliases = [fold.alias for fold in mart(star, "customers").folds]
    assert aliases == [
        "billing_address", "shipping_address", "billing_address_city", "shipping_address_city",
        "billing_address_city_country", "shipping_address_city_country",
    ]  # fmt: skip


def test_secrets_pictures_and_audit_keys_stay_out(star: StarDesign) -> None:
    omitted = {key[1]: [c.column for c in columns if c.use == "omit"] for key, columns in star.columns.items()}
    assert omitted["customers"] == ["password_hash", "updated_at"]
    assert omitted["products"] == ["photo"]
    assert omitted["orders"] == ["last_edited_by"]


def test_a_line_amount_is_computed_where_the_table_has_none(star: StarDesign) -> None:
    (amount,) = mart(star, "order_items").computed
    assert (amount.name, amount.quantity, amount.unit_price) == ("line_amount", "quantity", "unit_price")


def test_the_date_dimension_spans_the_dates_of_facts(star: StarDesign) -> None:
    assert mart(star, "dates").date_columns == (
        (("public", "orders"), "ordered_at"),
        (("public", "payments"), "paid_at"),
    )


def test_the_order_of_tables_does_not_matter(shop: WrittenSchema, star: StarDesign) -> None:
    shuffled = list(shop.tables)
    random.Random(7).shuffle(shuffled)
    assert design_star(shuffled, shop.keys) == star
