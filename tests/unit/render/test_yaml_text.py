"""Every string and structure is read back as exactly what was written."""

from __future__ import annotations

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from cartridge.render.yaml_text import Layout, document, flow, mapping, sequence

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
hard = st.sampled_from(
    [
        "yes", "No", "on", "null", "~", "1e3", "0x1F", "1_000", "12:30:45", "2024-01-01", ".inf", ".NaN", "=", "<<",
        "@at", "*alias", "&anchor", "!!python/object:os.system", "!tag", "%directive", "`tick`", "- dash", "? ask",
        "key: value", "trailing:", "has #comment", "#comment", "[flow", "{flow}", "'single'", '"double"', "back\\slash",
        " leading", "trailing ", "\ttab", "a\nb", "a\n\nb\n", "\nfirst", "a \nb", "  a\n b", "a\r\nb", "\r", "\x0b",
        "\x85", "\u2028", "\u200f\u202eright to left", "\ufeffbom", "emoji 👩‍👩‍👧", "---", "...", "--- a", "",
        "word " * 60 + "end", "  double  spaces " * 20, "x" * 10_000, "wort\u00a0geschützt " * 12 + "x",
        "ключ: значение",
    ]
)  # fmt: skip
scalars = texts | hard
values = st.recursive(
    scalars | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z]{1,8}x", fullmatch=True), inner),
    max_leaves=12,
)
quotes = st.sampled_from(["", "'", '"'])
layouts = st.builds(
    Layout,
    step=st.sampled_from([2, 4]),
    dashes=st.sampled_from([0, 2, 4]),
    item=st.sampled_from([2, 4]),
    width=st.sampled_from([0, 30, 80]),
    mark=quotes,
    quote=quotes,
    quoting=st.sampled_from(["", "always", "needed"]),
    ordered=st.booleans(),
)


@given(text=scalars, layout=layouts)
@example(text="x" * 10_000, layout=Layout())
def test_a_string_is_read_back_exactly(text: str, layout: Layout) -> None:
    written = {"description": text, "values": [text, {"name": text}]}
    for kind in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(document({"models": [written]}), kind) == {"models": [written]}
        assert yaml.load("\n".join(mapping(written, 3, layout)), kind) == written
        assert yaml.load("\n".join(sequence([text, [text]], 2, layout)), kind) == [text, [text]]
        assert yaml.load(flow(written), kind) == written


@given(value=values, layout=layouts)
def test_a_structure_is_read_back_exactly(value: object, layout: Layout) -> None:
    for kind in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load("\n".join(mapping({"key": value}, 0, layout)), kind) == {"key": value}
        assert yaml.load(flow(value), kind) == value


@given(text=scalars)
def test_nothing_invisible_is_written(text: str) -> None:
    written = document({"description": text})
    assert all(character.isprintable() for line in written.split("\n") for character in line)


def test_half_a_surrogate_pair_becomes_a_character_that_a_file_can_hold() -> None:
    assert yaml.safe_load(document({"name": "a\ud800b"})) == {"name": "a\ufffdb"}


def test_prose_is_readable() -> None:
    prose = "What the buyers call a product in their reports to the board. " * 3
    written = document({"models": [{"name": "orders", "description": prose.strip()}, {"name": "lines"}]})
    assert written == (
        "models:\n"
        "  - name: orders\n"
        "    description: >-\n"
        "      What the buyers call a product in their reports to the board. What the buyers call a product in\n"
        "      their reports to the board. What the buyers call a product in their reports to the board.\n"
        "\n"
        "  - name: lines\n"
    )
