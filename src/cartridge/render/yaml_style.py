"""The layout of a new property file, from the words that a project's style has for it."""

from __future__ import annotations

from typing import Literal

from cartridge.domain.style import YamlStyle
from cartridge.render.yaml_text import SPACED, Layout

_MARKS = {"single": "'", "double": '"'}


def layout_for(style: YamlStyle) -> Layout:
    """The layout that a style asks for."""
    step, quotes = int(style["indent"]), style["quotes"]
    dashes = {"indented": step, "flush": 0}.get(style["dashes"])
    quoting: Literal["", "always", "needed"] = (
        "always" if "always" in quotes else "needed" if "needed" in quotes else ""
    )
    return Layout(
        step=step,
        dashes=int(style["dashes"]) if dashes is None else dashes,
        item=int(style["item"]),
        spaced=frozenset(_spaced(style)),
        quote=_MARKS.get(style["description_quotes"], ""),
        width=style.line_length,
        mark=_MARKS.get(quotes.partition(" ")[0], ""),
        quoting=quoting,
        ordered=style["key_order"] == "sorted",
        start=style["document_start"] == "yes",
        apart=style["blank_between_sections"] == "yes",
        newline="\r\n" if style["line_ends"] == "crlf" else "\n",
        ends=style["final_newline"] == "yes",
    )


def _spaced(style: YamlStyle) -> set[str]:
    """The keys whose items are set apart. Snapshots follow models."""
    keys = {key for key in (*SPACED, "columns") if key != "snapshots" and style[f"blank_between_{key}"] == "yes"}
    return keys | ({"snapshots"} if "models" in keys else set())
