"""Names taken apart, singulars and plurals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.plan.words import plural, singular, snake, tokens


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customer_id", "customer id"),
        ("CustomerOrderID", "customer order id"),
        ("HTTPServer", "http server"),
        ("getHTTPResponseCode", "get http response code"),
        ("customerIDs", "customer ids"),
        ("order2items", "order 2 items"),
        ("i18n_locale", "i18n locale"),
        ("I18nLocale", "i18n locale"),
        ("I18N_LOCALE", "i18n locale"),
        ("Order Details", "order details"),
        ("ORDER_LINE", "order line"),
        ("kebab-case.name", "kebab case name"),
        ("WWI City ID", "wwi city id"),
        ("_dlt_parent_id", "dlt parent id"),
        ("BillToAddress2", "bill to address 2"),
        ("größeÜberAlles", "größe über alles"),
        ("ЗаказПокупателя", "заказ покупателя"),
        ("顧客ID", "顧客 id"),
        ("tbl_cust_mst", "tbl cust mst"),
        ("", ""),
        ("--- !", ""),
    ],
)
def test_tokens(name: str, words: str) -> None:
    assert tokens(name) == tuple(words.split())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CustomerOrderID", "customer_order_id"),
        ("Address2", "address2"),
        ("order2items", "order2items"),
        ("MD5Hash", "md5_hash"),
        ("ADDR2LINE", "addr2line"),
        ("Order Details", "order_details"),
        ("2ndAddress", "2nd_address"),
        ("already_snake_1", "already_snake_1"),
        ("%", ""),
    ],
)
def test_snake(name: str, expected: str) -> None:
    assert snake(name) == expected


PAIRS = """
order orders, category categories, company companies, day days, key keys, address addresses, status statuses,
class classes, process processes, box boxes, tax taxes, batch batches, branch branches, brush brushes, cache caches,
person people, salesperson salespeople, child children, man men, woman women, salesman salesmen, human humans,
mouse mice, goose geese, foot feet, tooth teeth, criterion criteria, phenomenon phenomena, analysis analyses,
diagnosis diagnoses, crisis crises, axis axes, vertex vertices, matrix matrices, quiz quizzes, leaf leaves,
shelf shelves, life lives, knife knives, wolf wolves, half halves, hero heroes, potato potatoes, echo echoes,
photo photos, video videos, hobo hobos, shoe shoes, movie movies, cookie cookies, tie ties, calorie calories,
data data, metadata metadata, media media, series series, species species, news news, sheep sheep, staff staff,
bus buses, virus viruses, bonus bonuses, campus campuses, house houses, warehouse warehouses, cause causes, use uses,
clause clauses, course courses, nurse nurses, license licenses, response responses, expense expenses, lens lenses,
case cases, phase phases, purchase purchases, database databases, release releases, lease leases, alias aliases,
gas gases, atlas atlases, canvas canvases, bias biases, dose doses, purpose purposes, exercise exercises,
franchise franchises, size sizes, prize prizes, archive archives, curve curves, drive drives, executive executives,
id ids, sku skus, menu menus, api apis, kpi kpis, url urls, taxi taxis, bureau bureaus, area areas, schema schemas,
quota quotas, entry entries, country countries, city cities, inventory inventories, delivery deliveries,
survey surveys, tax_rate tax_rates, order_item order_items, home_address home_addresses, bridge bridges, page pages,
employee employees, invoice invoices, territory territories, business businesses, specimen specimens, census censuses,
match matches, watch watches, switch switches, index indexes, patch patches, wish wishes, fax faxes, loss losses
""".replace("\n", " ")


@pytest.mark.parametrize("pair", [pair.strip() for pair in PAIRS.split(",")])
def test_both_numbers(pair: str) -> None:
    one, many = pair.split()
    assert (singular(many), singular(one)) == (one, one)
    assert (plural(one), plural(many)) == (many, many)


def test_second_plurals_have_one_singular() -> None:
    assert [singular(word) for word in ("indices", "indexes", "persons")] == ["index", "index", "person"]


@given(st.text())
def test_any_name_gives_lower_case_words_and_one_snake(name: str) -> None:
    words = tokens(name)
    assert all(word and word == word.lower() for word in words)
    assert snake(snake(name)) == snake(name)
    assert snake(name).replace("_", "") == "".join(words)


ONE = [pair.split()[0] for pair in PAIRS.split(",")]


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=8), st.sampled_from(ONE))
def test_only_the_last_word_of_a_phrase_changes(first: str, last: str) -> None:
    phrase = f"{first}_{last}"
    assert plural(phrase).startswith(first + "_")
    assert singular(plural(phrase)) == phrase
    assert plural(plural(phrase)) == plural(phrase)
