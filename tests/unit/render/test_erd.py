"""ER diagrams: nothing unproven looks proven, and no name steers Mermaid.

The grammar below is narrower than Mermaid's own (11.17): what it takes, Mermaid's parser takes, with as many tables and
lines.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cartridge.domain.schema import ColumnMapping, Overlap, Relationship, TableMapping, TableProfile
from cartridge.render.erd import Picture, mermaid
from cartridge.render.mermaid_text import LONGEST

TEXT = r'"(?:[^"%\\:#;{}\[\]<>`~|\x00-\x1f\x7f-\x9f]|#\d+;)+"'
WORD = r"(?!(?:[pPfFuU][kK])(?![A-Za-z0-9_]))[A-Za-z_\u00c0-\uffff][A-Za-z0-9_\u00c0-\uffff]*"
LINES = {
    "head": re.compile(r"erDiagram"),
    "comment": re.compile(r"    %% [^{}]*"),
    "open": re.compile(rf"    ({TEXT}) \{{"),
    "close": re.compile(r"    \}"),
    "column": re.compile(rf"        ({WORD}) ({WORD})( (?:PK|FK|UK)(?:,(?:PK|FK|UK))*)?( {TEXT})?"),
    "line": re.compile(rf"    ({TEXT}) ([}}|]o)(--|\.\.)(\|\||o\|) ({TEXT}) : ({TEXT})"),
}
FOLLOWS = {
    "": {"head"},
    "head": {"comment"},
    "comment": {"comment", "open"},
    "open": {"column", "close"},
    "column": {"column", "close"},
    "close": {"open", "line"},
    "line": {"line"},
}


def parsed(text: str) -> list[tuple[str, re.Match[str]]]:
    """Every line with what it is.

    Raises:
        AssertionError: a line is none that Mermaid would take there.
    """
    found: list[tuple[str, re.Match[str]]] = []
    before = ""
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        assert not re.search(r"direction\s+(TB|BT|LR|RL)", line, re.IGNORECASE), line
        assert not re.search(r"(style|classDef).*:\S*#.*;", line), line
        kind, match = next(((k, m) for k in sorted(FOLLOWS[before]) if (m := LINES[k].fullmatch(line))), ("", None))
        assert match is not None, f"not after {before!r}: {line!r}"
        found.append((kind, match))
        before = kind
    return found


def decoded(quoted: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), quoted[1:-1])


PIECES = [
    *('"', "%%", "\\", "\n", "{", "}", "[", "#quot;", "#", ";", ":", "direction TB", "style", "classDef ", "end", "pk"),
    *("FK", "é", "日本", "😀", "\u200b", "\u2028", "~", "`", "%%{init: {}}%%", "accTitle:", "accDescr {", "o{", "||--"),
    *("1", " ", "Order"),
]
HOSTILE = st.text(min_size=1, max_size=12) | st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)


@given(st.lists(HOSTILE, min_size=1, max_size=4, unique=True), st.lists(HOSTILE, min_size=1, max_size=4, unique=True))
@example(["style:", "classDef a:{direction  LR"], ["\t", "pké"])
@example(['"]\n    "x" {'], ["}"])
def test_no_name_steers_the_diagram(names: list[str], columns: list[str]) -> None:
    tables = [TableMapping(name, "s", columns=[ColumnMapping(c, c) for c in columns]) for name in names]
    edges = [Relationship(table.key, (columns[0],), tables[0].key, (columns[0],)) for table in tables]
    found = parsed(mermaid(Picture(tables, {tables[0].key: tuple(columns[:1])}, relationships=edges)))
    opened = [decoded(match[1]) for kind, match in found if kind == "open"]
    assert opened == sorted(names)
    assert sum(kind == "column" for kind, _ in found) == len(names) * len(columns)
    ends = [(decoded(match[1]), decoded(match[5])) for kind, match in found if kind == "line"]
    assert sorted(ends) == sorted((name, names[0]) for name in names)


CHILD = TableMapping(
    "orders", "s", primary_key_columns=["id"],
    columns=[ColumnMapping("id", "int", nullable=False), ColumnMapping("customer_id", "int", nullable=False)],
)  # fmt: skip
PARENT = TableMapping(
    "customers", "s", columns=[ColumnMapping("id", "int", nullable=False)], primary_key_columns=["id"]
)
EDGE = Relationship(CHILD.key, ("customer_id",), PARENT.key, ("id",))
HOLDS = Overlap(EDGE, 100, 0, 50, 50, 60, parent_unique=True)


def line_of(edge: Relationship, *, overlap: Overlap | None = None, child: TableMapping = CHILD) -> str:
    """Both ends and the label of the one line that is drawn."""
    overlaps = [replace(overlap, relationship=edge)] if overlap else []
    text = mermaid(Picture([child, PARENT], relationships=[edge], overlaps=overlaps))
    (match,) = (match for kind, match in parsed(text) if kind == "line")
    return f"{match[2]}{match[3]}{match[4]} {decoded(match[6])}"


def test_what_is_declared_is_solid_and_a_nullable_key_may_have_no_parent() -> None:
    assert line_of(EDGE) == "}o--|| customer_id"
    nullable = replace(CHILD, columns=[CHILD.columns[0], ColumnMapping("customer_id", "int")])
    assert line_of(EDGE, child=nullable) == "}o--o| customer_id"


def test_one_child_a_parent_only_where_the_key_says_so() -> None:
    assert line_of(replace(EDGE, columns=("id",))) == "|o--|| id"
    assert line_of(EDGE, child=replace(CHILD, unique_keys=[["customer_id"]])) == "|o--|| customer_id"
    counted = TableProfile(100, {}, key_duplicates={("customer_id",): 0})
    for profile, end in ((counted, "|o"), (replace(counted, sampled=True), "}o")):
        picture = Picture([CHILD, PARENT], relationships=[EDGE], profile={CHILD.key: profile})
        assert f'"orders" {end}--|| "customers"' in mermaid(picture)


@pytest.mark.parametrize(
    ("origin", "overlap", "drawn"),
    [
        ("measured", HOLDS, "}o--|| customer_id (measured)"),
        ("measured", replace(HOLDS, sampled=True), "}o..o| customer_id (measured on a sample)"),
        ("measured", None, "}o..o| customer_id (measured)"),
        ("inferred", None, "}o..o| customer_id (guessed, 0.70)"),
        ("inferred", HOLDS, "}o..o| customer_id (guessed, 0.70)"),
        (
            "inferred",
            replace(HOLDS, orphans=3, matched=48),
            "}o..o| customer_id (guessed, 0.70, 3 of 100 rows have no parent)",
        ),
        ("declared", replace(HOLDS, orphans=3, matched=48), "}o..o| customer_id (3 of 100 rows have no parent)"),
        ("declared", replace(HOLDS, parent_unique=False), "}o..o| customer_id"),
    ],
)
def test_what_is_not_proven_is_dashed_with_the_weakest_ends(origin: str, overlap: Overlap | None, drawn: str) -> None:
    edge = replace(EDGE, origin=origin, confidence=1.0 if origin == "declared" else 0.7)
    assert line_of(edge, overlap=overlap) == drawn


def test_a_guessed_key_bears_no_mark() -> None:
    keys = {CHILD.key: ("id",), PARENT.key: ("id",)}
    text = mermaid(Picture([CHILD, PARENT], keys, frozenset({CHILD.key}), [replace(EDGE, origin="inferred")]))
    assert '        int id "key, guessed, not null"\n' in text
    assert '        int customer_id "reference, guessed, not null"\n' in text
    assert "        int id PK\n" in text


def test_what_is_too_long_for_mermaid_shows_keys_only() -> None:
    wide = [
        replace(CHILD, columns=[*CHILD.columns, *(ColumnMapping(f"note_number_{n}", "text") for n in range(3_000))])
    ]
    text = mermaid(Picture([*wide, PARENT], {CHILD.key: ("id",)}, relationships=[EDGE]))
    assert len(text) < LONGEST
    assert "note_number" not in text
    assert "int customer_id FK" in text
    assert [kind for kind, _ in parsed(text)][:4] == ["head", "comment", "comment", "comment"]
