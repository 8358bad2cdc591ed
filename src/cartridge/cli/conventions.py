"""`cartridge conventions`: what a dbt project shows of its habits, with counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, current_output, printable
from cartridge.cli.progress import step
from cartridge.cli.settings import common_options

if TYPE_CHECKING:
    from rich.table import Table

    from cartridge.domain.plan import Finding
    from cartridge.plan.conventions import LearnedRule

WORDS = {
    "with": "the word `with`",
    "cte_padding": "inside CTEs",
    "between_ctes": "between CTEs",
    "shape": "shape",
    "imports": "models are read in",
    "last_select": "last select",
    "star_line": "last `select * from`",
    "import_line": "`select * from` in CTEs",
    "before_from": "before `from`",
    "jinja_spaces": "spaces in {{ ref() }}",
    "jinja_quotes": "quotes in {{ ref() }}",
    "config": "config()",
    "config_spaces": "spaces in {{ config() }}",
    "comma_space": "space after a leading comma",
    "comma_place": "leading commas stand",
    "after_select": "after `select`",
    "heading_dashes": "dashes before a heading",
    "source_cte": "first CTE",
    "renamed_cte": "last CTE",
    "final_cte": "last CTE",
    "headings": "headings between columns",
    "semicolon": "semicolon at the end",
    "materialized": "materialised as",
    "materialized in": "materialised in",
    "key of data tests": "data tests under",
    "yaml_indent": "YAML: columns of a mapping",
    "yaml_dashes": "YAML: dashes of a list",
    "yaml_item": "YAML: columns from a dash",
    "yaml_description_quotes": "YAML: quotes of descriptions",
    "yaml_document_start": "YAML: starts with ---",
    "yaml_version": "YAML: has `version: 2`",
}
"""What a person calls a rule, where its own name does not say it."""


@click.command()
@click.option("--project", default=".", show_default=True, type=click.Path(path_type=Path), help="The dbt project.")
@common_options
def conventions(project: Path) -> None:
    """Show the conventions that a dbt project follows, as learned from its files.

    Each rule says how many models (or files) follow it, and names some that do not. New models follow the rule of
    their source, else that of their layer, else the project's; where the models disagree or are too few, dbt Labs'
    style. Nothing is written.
    """
    output = current_output()
    rules, findings = asyncio.run(_read(output, project))
    if output.json:
        said = [finding.model_dump(exclude_none=True) for finding in findings]
        shown = [{**asdict(rule), "evidence": rule.evidence} for rule in rules]
        output.document("conventions", {"rules": shown, "findings": said})
        return
    if not rules:
        output.print("The project has no models or sources yet: a plan follows dbt Labs' conventions.")
    for title, members in _by_scope(rules):
        output.print("", _table(title, members))
    note_findings(output, findings)


async def _read(output: Output, project: Path) -> tuple[tuple[LearnedRule, ...], tuple[Finding, ...]]:
    from cartridge.app.conventions import conventions_and_findings  # noqa: PLC0415

    with step(output, "Reading the project") as reading:
        rules, findings = await conventions_and_findings(project)
        reading.done(f"{len(rules)} conventions")
    return rules, findings


def note_findings(output: Output, findings: Iterable[Finding]) -> None:
    """What of a project could not be read, or is wrong in it, a line each on stderr."""
    for finding in findings:
        if finding.severity != "note":
            output.note(printable(f"{finding.severity} {finding.code}: {finding.message}"))


def _by_scope(rules: Iterable[LearnedRule]) -> list[tuple[str, list[LearnedRule]]]:
    """The rules by scope: the project, staging with its sources, then the other layers."""
    found: dict[str, list[LearnedRule]] = {}
    for rule in rules:
        found.setdefault(rule.scope, []).append(rule)
    order = {"project": 0, "staging": 1, "intermediate": 3, "mart": 4}

    def place(scope: str) -> tuple[int, str]:
        return order.get(scope, 2 if scope.startswith("source ") else 5), scope

    return [(scope, found[scope]) for scope in sorted(found, key=place)]


def _table(title: str, rules: Iterable[LearnedRule]) -> Table:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        title=printable(title), title_justify="left", title_style="title", box=None, padding=(0, 2, 0, 0), expand=False
    )
    table.add_column("rule", header_style="quiet", no_wrap=True)
    table.add_column("what", header_style="quiet", style="name", overflow="fold")
    table.add_column("follow", header_style="quiet", justify="right", no_wrap=True)
    table.add_column("exceptions", header_style="quiet", style="quiet", overflow="fold")
    for rule in rules:
        table.add_row(
            Text(WORDS.get(rule.about) or rule.about.replace("yaml_", "YAML: ").replace("_", " ")),
            Text(printable(rule.template)),
            Text(_share(rule)),
            Text(printable(_exceptions(rule))),
        )
    return table


def _share(rule: LearnedRule) -> str:
    return f"in {rule.configured_in}" if rule.configured_in else f"{rule.support} of {rule.of}"


def _exceptions(rule: LearnedRule) -> str:
    more = rule.of - rule.support - len(rule.exceptions)
    named = ", ".join(rule.exceptions) + (f" and {more} more" if more > 0 else "")
    said = {"thin": "few models tell", "split": "the models disagree"}.get(rule.evidence, "")
    return ": ".join(part for part in (said, named) if part)
