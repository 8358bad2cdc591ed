"""Which layer a model belongs to, told by the words that people use for layers in names and folders."""

from __future__ import annotations

from cartridge.domain.project import Layer

_WORDS: dict[Layer, str] = {
    "staging": "base bronze brz clean cleaned landing prep preparation raw sources source src stage staged staging stg",
    "intermediate": "int inter intermediate intermediates silver slv transform wrk",
    "mart": "agg bridge brg dim dims dimension dimensions dm export exports fact facts fct gold mart marts metrics mrt "
    "obt report reporting reports rpt",
}
_BY_WORD: dict[str, Layer] = {word: layer for layer, words in _WORDS.items() for word in words.split()}


def layer_of(name: str, folder: str) -> Layer:
    """The layer of a model: the first word of its name decides, then its folders from the innermost outwards."""
    first = name.lower().partition("_")[0]
    if first in _BY_WORD and "_" in name:
        return _BY_WORD[first]
    for part in reversed(folder.lower().split("/")):
        for word in (part, part.partition("_")[0]):
            if word in _BY_WORD:
                return _BY_WORD[word]
    return "other"
