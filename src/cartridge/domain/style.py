"""How a team writes its SQL: the traits that a file shows, and the style that new files are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cartridge.errors import InputError

KNOWN_TRAITS: Mapping[str, tuple[str, ...]] = {
    "keywords": ("lower", "upper"),
    "functions": ("lower", "upper"),
    "types": ("lower", "upper"),
    "commas": ("trailing", "leading"),
    "comma_space": ("yes", "no"),
    "comma_place": ("at the columns", "before the columns"),
    "indent": ("4 spaces", "2 spaces", "3 spaces", "8 spaces", "tab"),
    "with": ("own line", "same line"),
    "cte_padding": ("blank line", "none"),
    "between_ctes": ("blank line", "next line", "same line", "leading comma"),
    "shape": ("source and renamed", "source cte", "one cte", "no cte", "star", "star cte"),
    "imports": ("ctes", "inline"),
    "last_select": ("star", "direct"),
    "star_line": ("one line", "two lines"),
    "import_line": ("one line", "two lines"),
    "after_select": ("none", "blank line"),
    "before_from": ("blank line", "none"),
    "headings": ("yes", "no"),
    "semicolon": ("no", "yes"),
    "jinja_spaces": ("yes", "no"),
    "config_spaces": ("yes", "no"),
    "jinja_quotes": ("single", "double"),
    "quoting": ("where needed", "always"),
    "config": ("one line", "lines", "guide"),
}
"""Every trait with what it can be; the first is dbt Labs' style, which holds where nothing is known. `config` is one
line, `{{ config(` and `) }}` around one setting a line (`lines`), or braces on lines of their own (`guide`)."""

FREE_TRAITS: Mapping[str, str] = {
    "source_cte": "source",
    "renamed_cte": "renamed",
    "final_cte": "final",
    "heading_dashes": "--",
}
"""Names of CTEs (any; `{table}` stands for the source table's) and the dashes before a heading, with what holds where
nothing is known."""


def _refuse_unknown(trait: str, value: str, known: Mapping[str, tuple[str, ...]]) -> None:
    if value not in known.get(trait, ()):
        raise InputError(f"{trait} = {value!r} is no style. Known: {', '.join(known.get(trait, sorted(known)))}")


@dataclass(frozen=True)
class SqlStyle:
    """The style that a layer's SQL is written in: (trait, value) pairs, sorted, in the words of `KNOWN_TRAITS` and
    `FREE_TRAITS`.

    Raises:
        InputError: a trait or its value is none of those words.
    """

    traits: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for trait, value in self.traits:
            if trait not in FREE_TRAITS:
                _refuse_unknown(trait, value, KNOWN_TRAITS)

    def __getitem__(self, trait: str) -> str:
        """The value of a trait; where nothing is known of it, that of dbt Labs' style."""
        default = KNOWN_TRAITS[trait][0] if trait in KNOWN_TRAITS else FREE_TRAITS[trait]
        return self._learned.get(trait, default)

    @cached_property
    def _learned(self) -> dict[str, str]:
        return dict(self.traits)


_COLUMNS = ("2", "4", "3", "1", "5", "6", "7", "8")
YAML_TRAITS: Mapping[str, tuple[str, ...]] = {
    "indent": _COLUMNS,
    "dashes": ("indented", "flush", *_COLUMNS),
    "item": _COLUMNS,
    "description_quotes": ("where needed", "double", "single"),
    "blank_between_sections": ("yes", "no"),
    "blank_between_models": ("yes", "no"),
    "blank_between_sources": ("yes", "no"),
    "blank_between_tables": ("yes", "no"),
    "blank_between_columns": ("no", "yes"),
    "document_start": ("no", "yes"),
    "version": ("yes", "no"),
    "line_ends": ("lf", "crlf"),
    "final_newline": ("yes", "no"),
    "quotes": ("any", "single", "double", "where needed", "single where needed", "double where needed",
               "always", "single always", "double always"),
    "key_order": ("free", "sorted"),
}  # fmt: skip
"""Every trait of a property file with what it can be; the first is cartridge's own. Columns: `indent` from a mapping to
one in it, `dashes` from a key to the dashes of its list (`indented`: as deep as a mapping; `flush`: none), `item` from
a dash to its item. `quotes` and `key_order` are what a linter asks for: which quotes, and whether always or only where
YAML needs them."""

LINE_LENGTH = "line_length"
"""The trait whose value is a number of characters; none where nothing is known."""


@dataclass(frozen=True)
class YamlStyle:
    """The style that new property files are written in: (trait, value) pairs, sorted, in the words of `YAML_TRAITS`.

    Raises:
        InputError: a trait or its value is none of those words.
    """

    traits: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for trait, value in self.traits:
            if trait != LINE_LENGTH or not value.isascii() or not value.isdigit():
                _refuse_unknown(trait, value, YAML_TRAITS)

    def __getitem__(self, trait: str) -> str:
        """The value of a trait; where nothing is known of it, cartridge's own."""
        return dict(self.traits).get(trait, YAML_TRAITS[trait][0])

    @property
    def line_length(self) -> int:
        """The most characters of a line; 0 where there is no limit."""
        return int(dict(self.traits).get(LINE_LENGTH, "0"))
