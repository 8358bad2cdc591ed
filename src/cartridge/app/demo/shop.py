"""Makes the rows of the shop and writes them into a DuckDB file.

All chance comes from one seeded generator, and all dates lie in two fixed years, so every run makes the same rows.
Sales follow the season: few in the summer, many before the end of the year.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from cartridge.app.demo import words

SHOP_FILE = "shop.duckdb"
SEED = 20240229
FIRST_DAY = datetime(2023, 1, 1)  # noqa: DTZ001 - the shop's clock shows local time, as most shop databases do
LAST_WEEKS = datetime(2024, 12, 10)  # noqa: DTZ001 - as above
CUSTOMERS = 260
ORDERS = 900
SESSIONS = 700
REVIEWS = 280
MONTH_WEIGHTS = (7, 6, 7, 8, 8, 6, 4, 4, 7, 9, 14, 20)
"""How sales spread over the months of a year."""

Row = tuple[Any, ...]


@dataclass
class Shop:
    """The rows of every table, in an order in which each row comes after those that it refers to."""

    chance: random.Random
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, *row: Any) -> int:
        """Append a row and return its number, counted from 1."""
        rows = self.rows.setdefault(table, [])
        rows.append(row)
        return len(rows)

    def moments(self, count: int) -> list[datetime]:
        """That many moments of waking hours in the two years, in season and in order."""
        return sorted(self._moment() for _ in range(count))

    def _moment(self) -> datetime:
        month = self.chance.choices(range(1, 13), MONTH_WEIGHTS)[0]
        day = FIRST_DAY.replace(year=FIRST_DAY.year + self.chance.randrange(2), month=month)
        return day + timedelta(
            days=self.chance.randrange(28), minutes=self.chance.randrange(420, 1380), seconds=self.chance.randrange(60)
        )

    def customer(self, moment: datetime) -> int:
        """The id of a customer who had an account at that moment; early ones come more often."""
        known: list[int] = [row[0] for row in self.rows["customers"] if row[7] <= moment]
        return self.chance.choice(known)

    def sometimes(self, share: float) -> bool:
        """True in that share of calls."""
        return self.chance.random() < share


def create_shop(path: Path, seed: int = SEED) -> dict[str, int]:
    """Write the shop into a new DuckDB file at `path`.

    Returns:
        The number of rows of every table, in the order of creation.

    Raises:
        MissingExtraError: duckdb is not installed.
    """
    from cartridge.errors import MissingExtraError  # noqa: PLC0415

    try:
        import duckdb  # noqa: PLC0415
    except ImportError as missing:
        raise MissingExtraError("The demo database", "duckdb") from missing
    shop = make_rows(seed)
    statements = resources.files("cartridge.app.demo").joinpath("schema.sql").read_text(encoding="utf-8")
    with duckdb.connect(str(path)) as connection:
        connection.execute("begin")
        connection.execute(statements)
        for table, rows in shop.items():
            for batch in _batches(table, rows):
                marks = ", ".join(["(" + ", ".join("?" * len(batch[0])) + ")"] * len(batch))
                connection.execute(f"insert into {table} values {marks}", [v for row in batch for v in row])  # noqa: S608 - names of our own
        connection.execute("commit")
    return {table: len(rows) for table, rows in shop.items()}


SELF_REFERENCING = ("employees", "categories")
"""DuckDB refuses one statement whose rows refer to each other: these go in one by one, parents first."""


def _batches(table: str, rows: list[Row]) -> Iterator[list[Row]]:
    size = 1 if table in SELF_REFERENCING else 300
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def make_rows(seed: int = SEED) -> dict[str, list[Row]]:
    """The rows of every table by its name, parents before children; the same for the same seed."""
    shop = Shop(random.Random(seed))  # noqa: S311 - sample data, no secret
    _lookups(shop)
    _people(shop)
    _catalogue(shop)
    for number, moment in enumerate(shop.moments(ORDERS), 1):
        _order(shop, number, moment)
    _reviews(shop)
    _web_events(shop)
    shop.add("alembic_version", "5f2c9a71d0be")
    return shop.rows


def _lookups(shop: Shop) -> None:
    for country in words.COUNTRIES:
        shop.add("countries", *country)
    for status in words.ORDER_STATUSES:
        shop.add("order_statuses", *status)


def _people(shop: Shop) -> None:
    chance = shop.chance
    for number, (title, manager) in enumerate(words.EMPLOYEES, 1):
        hired = date(2015, 3, 1) + timedelta(days=chance.randrange(2600))
        first, last = chance.choice(words.FIRST_NAMES), chance.choice(words.LAST_NAMES)
        shop.add("employees", number, first, last, title, manager, hired)
    for number in range(1, CUSTOMERS + 1):
        first, last = chance.choice(words.FIRST_NAMES), chance.choice(words.LAST_NAMES)
        email = f"{_plain(first)}.{_plain(last)}{number}@example.com"
        phone = f"+{chance.randrange(30, 50)} {chance.randrange(10**8, 10**9)}" if shop.sometimes(0.7) else None
        born = date(1950, 1, 1) + timedelta(days=chance.randrange(20000)) if shop.sometimes(0.55) else None
        joined = FIRST_DAY + timedelta(days=chance.randrange(-400, 600), minutes=chance.randrange(1440))
        shop.add("customers", number, first, last, email, phone, born, shop.sometimes(0.4), joined)
    for customer in range(1, CUSTOMERS + 1):
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            _address(shop, customer)


def _plain(name: str) -> str:
    """The name in small letters from a to z."""
    return "".join(char for char in unicodedata.normalize("NFKD", name.lower()) if "a" <= char <= "z")


def _address(shop: Shop, customer: int) -> None:
    chance = shop.chance
    country = chance.choice([*words.CITIES, "DE", "DE", "DE", "FR", "NL"])
    number = len(shop.rows.get("addresses", ())) + 1
    street = f"{chance.choice(words.STREETS)} {chance.randrange(1, 120)}"
    code = str(chance.randrange(1000, 99999)) if shop.sometimes(0.95) else None
    shop.add("addresses", number, customer, street, chance.choice(words.CITIES[country]), code, country)


def _catalogue(shop: Shop) -> None:
    chance = shop.chance
    for number, (name, parent) in enumerate(words.CATEGORIES, 1):
        shop.add("categories", number, name, parent)
    for number, (company, country) in enumerate(words.SUPPLIERS, 1):
        contact = f"orders@{company.split()[0].lower()}.example" if shop.sometimes(0.8) else None
        shop.add("suppliers", number, company, contact, country)
    for number, label in enumerate(words.TAGS, 1):
        shop.add("tags", number, label)
    names = [(category, name) for category, group in words.PRODUCTS.items() for name in group]
    for number, (category, name) in enumerate(names * 2, 1):
        finish = words.FINISHES[(number * 5 + category) % len(words.FINISHES)]
        price = Decimal(chance.randrange(490, 24900, 50)) / 100
        cost = (price * chance.randrange(40, 65) / 100).quantize(Decimal("0.01"))
        weight = chance.randrange(80, 9000, 10) if shop.sometimes(0.9) else None
        made = FIRST_DAY - timedelta(days=chance.randrange(30, 900))
        shop.add(
            "products", number, f"{name[:2].upper()}-{number:04d}", f"{name}, {finish}", category,
            chance.randrange(1, len(words.SUPPLIERS) + 1), price, cost, weight, shop.sometimes(0.08), made,
        )  # fmt: skip
        for tag in sorted(chance.sample(range(1, len(words.TAGS) + 1), chance.choice((0, 1, 2, 2, 3)))):
            shop.add("product_tags", number, tag)


def _status(shop: Shop, ordered: datetime) -> str:
    """Old orders are settled; those of the last days are on their way."""
    if ordered < LAST_WEEKS:
        return shop.chance.choices(("delivered", "cancelled"), (94, 6))[0]
    return shop.chance.choices(("delivered", "shipped", "paid", "placed", "cancelled"), (30, 30, 20, 15, 5))[0]


def _order(shop: Shop, number: int, ordered: datetime) -> None:
    chance = shop.chance
    customer, status = shop.customer(ordered), _status(shop, ordered)
    homes = [row[0] for row in shop.rows["addresses"] if row[1] == customer]
    shipped = ordered + timedelta(hours=chance.randrange(5, 90)) if status in ("shipped", "delivered") else None
    delivered = shipped + timedelta(hours=chance.randrange(20, 150)) if shipped and status == "delivered" else None
    fee = Decimal("0.00") if shop.sometimes(0.3) else Decimal(chance.choice(("3.90", "4.90", "7.50")))
    shop.add(
        "orders", number, customer, status, homes[0], chance.choice(homes),
        chance.randrange(4, 7) if shop.sometimes(0.12) else None, ordered, shipped, delivered, fee,
        chance.choice(words.COUPONS) if shop.sometimes(0.15) else None,
    )  # fmt: skip
    total = fee + sum((_order_item(shop, number, line, delivered) for line in range(1, _lines(shop) + 1)), Decimal(0))
    if status in ("paid", "shipped", "delivered"):
        _payments(shop, number, total, ordered)


def _lines(shop: Shop) -> int:
    return shop.chance.choices((1, 2, 3, 4, 5), (35, 30, 20, 10, 5))[0]


def _order_item(shop: Shop, order: int, line: int, delivered: datetime | None) -> Decimal:
    """Add one line, and sometimes its return; its amount in euros."""
    chance = shop.chance
    product = shop.rows["products"][chance.randrange(len(shop.rows["products"]))]
    quantity = chance.choices((1, 2, 4, 6), (65, 20, 10, 5))[0]
    discount = chance.choices((0, 5, 10, 20), (75, 8, 12, 5))[0]
    shop.add("order_items", order, line, product[0], quantity, product[5], discount)
    amount: Decimal = (product[5] * quantity * (100 - discount) / 100).quantize(Decimal("0.01"))
    if delivered and shop.sometimes(0.05):
        back = chance.randrange(1, quantity + 1)
        shop.add(
            "returns", len(shop.rows.get("returns", ())) + 1, order, line, back, chance.choice(words.RETURN_REASONS),
            (amount * back / quantity).quantize(Decimal("0.01")), delivered + timedelta(days=chance.randrange(1, 20)),
        )  # fmt: skip
    return amount


def _payments(shop: Shop, order: int, total: Decimal, ordered: datetime) -> None:
    first = (total / 2).quantize(Decimal("0.01")) if shop.sometimes(0.06) else total
    for amount in (first, total - first):
        if amount:
            paid = ordered + timedelta(minutes=shop.chance.randrange(1, 4000))
            number = len(shop.rows.get("payments", ())) + 1
            shop.add("payments", number, order, shop.chance.choice(words.PAYMENT_METHODS), amount, paid)


def _reviews(shop: Shop) -> None:
    chance = shop.chance
    for number, moment in enumerate(shop.moments(REVIEWS), 1):
        product = chance.randrange(1, len(shop.rows["products"]) + 1)
        rating = chance.choices((1, 2, 3, 4, 5), (4, 6, 14, 36, 40))[0]
        shop.add("reviews", number, product, shop.customer(moment), rating, chance.choice(words.REVIEW_BODIES), moment)


def _web_events(shop: Shop) -> None:
    events = [event for moment in shop.moments(SESSIONS) for event in _session(shop, moment)]
    for number, event in enumerate(sorted(events, key=lambda event: (event[0], event[1])), 1):
        shop.add("web_events", number, *event)


def _session(shop: Shop, start: datetime) -> Iterator[Row]:
    """The clicks of one visit: the front page first."""
    chance = shop.chance
    session = f"{chance.getrandbits(48):012x}"
    customer = shop.customer(start) if shop.sometimes(0.45) else None
    device = chance.choice(words.DEVICES)
    yield start, session, customer, None, "page_view", "/", chance.choice(words.REFERRERS), device
    for _ in range(chance.randrange(1, 6)):
        start += timedelta(seconds=chance.randrange(4, 400))
        kind = chance.choices(("product_view", "add_to_cart", "search"), (70, 20, 10))[0]
        product = None if kind == "search" else chance.randrange(1, len(shop.rows["products"]) + 1)
        page = "/search" if product is None else f"/products/{product}"
        yield start, session, customer, product, kind, page, None, device
