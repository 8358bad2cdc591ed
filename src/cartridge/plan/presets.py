"""The house styles that can be chosen by name, as templates.

Templates are filled by `cartridge.plan.naming`. Besides the placeholders of `LayerRule` they know two forms for an
area that may be absent: `{_area}` is `_finance` or nothing, `{area|marts}` is `finance` or the word `marts`.

`dbt-labs` follows dbt Labs' guide "How we structure our dbt projects"; `evaluator` what the package
dbt-project-evaluator accepts without configuration.
"""

from __future__ import annotations

from dataclasses import replace

from cartridge.domain.project import Conventions, LayerRule

DEFAULT_PRESET = "dbt-labs"

_STAGING = "models/staging/{source}"
_MARTS = "models/marts/{area}"
_MARTS_PROPERTIES = "models/marts/{area}/_{area|marts}__models.yml"

_DBT_LABS = Conventions(
    preset="dbt-labs",
    staging=LayerRule("stg_{source}__{entities}", _STAGING, f"{_STAGING}/_{{source}}__models.yml", "view"),
    base=LayerRule("base_{source}__{entities}", f"{_STAGING}/base", f"{_STAGING}/base/_{{source}}__base.yml", "view"),
    intermediate=LayerRule(
        "int_{model}", "models/intermediate/{area}", "models/intermediate/{area}/_int{_area}__models.yml", "view"
    ),
    fact=LayerRule("fct_{entities}", _MARTS, _MARTS_PROPERTIES, "table"),
    dimension=LayerRule("dim_{entities}", _MARTS, _MARTS_PROPERTIES, "table"),
    bridge=LayerRule("bridge_{entities}", _MARTS, _MARTS_PROPERTIES, "table"),
    sources_file=f"{_STAGING}/_{{source}}__sources.yml",
)


def _moved(rule: LayerRule, folder: str, properties: str, name: str | None = None) -> LayerRule:
    return replace(rule, folder=folder, properties=f"{folder}/{properties}", name=name or rule.name)


def _flat() -> Conventions:
    marts = "models/marts"
    return replace(
        _DBT_LABS,
        preset="flat",
        staging=_moved(_DBT_LABS.staging, "models/staging", "_staging__models.yml"),
        base=_moved(_DBT_LABS.base, "models/staging", "_staging__models.yml"),
        intermediate=_moved(_DBT_LABS.intermediate, "models/intermediate", "_int__models.yml"),
        fact=_moved(_DBT_LABS.fact, marts, "_marts__models.yml"),
        dimension=_moved(_DBT_LABS.dimension, marts, "_marts__models.yml"),
        bridge=_moved(_DBT_LABS.bridge, marts, "_marts__models.yml"),
        sources_file="models/staging/_{source}__sources.yml",
    )


def _medallion() -> Conventions:
    bronze, gold = "models/bronze/{source}", "models/gold/{area}"
    return replace(
        _DBT_LABS,
        preset="medallion",
        staging=_moved(_DBT_LABS.staging, bronze, "_{source}__models.yml", "brz_{source}__{entities}"),
        base=_moved(_DBT_LABS.base, f"{bronze}/base", "_{source}__base.yml"),
        intermediate=_moved(
            _DBT_LABS.intermediate, "models/silver/{area}", "_silver{_area}__models.yml", "slv_{model}"
        ),
        fact=_moved(_DBT_LABS.fact, gold, "_{area|gold}__models.yml"),
        dimension=_moved(_DBT_LABS.dimension, gold, "_{area|gold}__models.yml"),
        bridge=_moved(_DBT_LABS.bridge, gold, "_{area|gold}__models.yml"),
        sources_file=f"{bronze}/_{{source}}__sources.yml",
    )


PRESETS: dict[str, Conventions] = {
    "dbt-labs": _DBT_LABS,
    "evaluator": replace(_DBT_LABS, preset="evaluator", bridge=_DBT_LABS.fact),
    "flat": _flat(),
    "medallion": _medallion(),
}
