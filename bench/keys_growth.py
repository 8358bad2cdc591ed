"""How the time of the search for keys grows with the schema: a table, and the growth exponent.

    python bench/keys_growth.py [--most COLUMNS]

Each schema is made of modules of linked tables whose names are drawn from a fixed list, as in a large application:
`module_entity` tables with ids, references into their own and other modules, roles, codes, texts and dates.
"""

from __future__ import annotations

import argparse
import math
import random
import time

from cartridge.domain.schema import ColumnMapping, TableMapping
from cartridge.plan.keys import find_keys

SYLLABLES = [
    "bar",
    "cor",
    "del",
    "fen",
    "gan",
    "hol",
    "jur",
    "kel",
    "lom",
    "mar",
    "nor",
    "pel",
    "quin",
    "ras",
    "sol",
    "tam",
    "vel",
    "wex",
    "yor",
    "zan",
]
ENTITIES = [
    "customer",
    "order",
    "item",
    "invoice",
    "payment",
    "product",
    "address",
    "contract",
    "ticket",
    "shipment",
    "account",
    "note",
    "file",
]
ATTRIBUTES = [
    "name",
    "status",
    "code",
    "amount",
    "price",
    "created_at",
    "updated_at",
    "comment",
    "type",
    "quantity",
    "start_date",
    "end_date",
]
TYPES = {"amount": "numeric(12,2)", "price": "numeric(12,2)", "quantity": "integer"}


def schema(columns: int, seed: int = 1) -> list[TableMapping]:
    """Tables of 20 columns each, `columns` in all."""
    dice = random.Random(seed)
    count = max(1, columns // 20)
    wanted = count // len(ENTITIES) + 1
    modules: dict[str, None] = {}
    while len(modules) < wanted:
        modules["".join(dice.sample(SYLLABLES, 3 if wanted < 1_000 else 4))] = None
    names = [f"{module}_{entity}" for module in modules for entity in ENTITIES][:count]
    tables = []
    for name in names:
        module = name.partition("_")[0]
        targets = [f"{module}_{dice.choice(ENTITIES)}", dice.choice(names), dice.choice(names)]
        keys = ["id", *dict.fromkeys(f"{target}_id" for target in targets), "parent_id", "created_by", "legacy_ref_no"]
        mapped = [ColumnMapping(key, "bigint") for key in keys]
        rest = [f"{dice.choice(ATTRIBUTES)}" for _ in range(60)]
        for attribute in dict.fromkeys([*rest, *(f"{dice.choice(SYLLABLES)}_{word}" for word in rest)]):
            if len(mapped) == 20:
                break
            kind = TYPES.get(attribute, "timestamp" if attribute.endswith(("_at", "_date")) else "text")
            mapped.append(ColumnMapping(attribute, kind))
        tables.append(TableMapping(name, "app", columns=mapped))
    return tables


def main() -> None:
    """Measure processor seconds, the best of three runs, so that other work on the machine does not count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000, help="the largest schema, in columns")
    most = parser.parse_args().most
    print("  columns   tables   edges   seconds   exponent")
    before: tuple[int, float] | None = None
    first: tuple[int, float] | None = None
    for columns in [size for size in (1_000, 3_000, 10_000, 30_000, 100_000) if size <= most]:
        tables = schema(columns)
        seconds = math.inf
        for _ in range(3):
            start = time.process_time()
            keys = find_keys(tables)
            seconds = min(seconds, time.process_time() - start)
        growth = f"{math.log(seconds / before[1]) / math.log(columns / before[0]):9.2f}" if before else "        -"
        print(f"{columns:9,} {len(tables):8,} {len(keys.relationships):7,} {seconds:9.2f} {growth}")
        before = (columns, seconds)
        first = first or before
    if first and before and before != first:
        whole = math.log(before[1] / first[1]) / math.log(before[0] / first[0])
        print(f"growth exponent from {first[0]:,} to {before[0]:,} columns: {whole:.2f}")


if __name__ == "__main__":
    main()
