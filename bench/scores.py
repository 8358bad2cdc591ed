"""Quality against what people wrote: the shared scorers, asked about cartridge and about the baselines."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import predictors
from tables import Table, percent

REPOSITORY = Path(__file__).resolve().parent.parent
PRODUCT = "**cartridge**"


def benchmarks() -> Path | None:
    """The folder of scorers and data beside the checkout (or below $CARTRIDGE_SHARED); None where it is absent."""
    root = Path(os.environ.get("CARTRIDGE_SHARED") or REPOSITORY.parent / "shared")
    found = root / "benchmarks"
    return found if found.is_dir() else None


def layout_tables() -> Iterator[Table]:
    """Where staging models go: the scores, and the paired differences by project."""
    yield from _scored("Layout", _layout)


def relationships_tables() -> Iterator[Table]:
    """Keys and joins found from names and types alone."""
    yield from _scored("Relationships", _relationships)


def marts_tables() -> Iterator[Table]:
    """Marts beside published star schemas."""
    yield from _scored("Marts", _marts)


def _scored(title: str, measure: Callable[[Path, Any], Iterator[Table]]) -> Iterator[Table]:
    """What the shared scorers say; only the heading and the reason where data are absent."""
    folder = benchmarks()
    if folder is None:
        reason = "Skipped: the benchmarks are not beside the checkout (set CARTRIDGE_SHARED to their folder's parent)."
        yield Table(title, (), notes=[reason])
        return
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    yield from measure(folder, importlib.import_module("baselines"))


def _rows(baselines: Any, names: tuple[str, ...], own: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in names:
        yield name, getattr(baselines, name)
    yield PRODUCT, own


def _layout(folder: Path, baselines: Any) -> Iterator[Table]:
    scorer = importlib.import_module("score_layout")
    projects = scorer.load_projects(str(folder / "layout"))
    table = Table(
        "Layout: where does the staging model of a table go? (%, macro over project groups)",
        ("mode, predictor", "cases", "name", "folder", "path", "properties file", "standard error of path"),
    )
    own = getattr(predictors, "layout", None)
    if own is None:
        table.notes.append("Skipped: `predictors.layout` is not there.")
        yield table
        return
    paired = Table(
        "Layout, paired: path of cartridge less path of siblings, by project (points)",
        ("project", "table mode", "source mode"),
    )
    differences: dict[str, dict[str, float]] = {}
    for mode in ("table", "source"):
        by_project: dict[str, dict[str, float]] = {}
        for name, predict in _rows(baselines, ("guide", "peer", "siblings"), own):
            result = scorer.score(projects, predict, mode)
            numbers = [percent(result["macro"][metric]) for metric in scorer.METRICS]
            error = percent(result["standard_error"]["path"])
            table.rows.append((f"{mode}, {name}", str(result["cases"]), *numbers, error))
            _note_crashes(table, result, f"{mode}, {name}")
            by_project[name] = {row["project"]: row["path"] for row in result["per_project"]}
        for project, path in by_project[PRODUCT].items():
            differences.setdefault(project, {})[mode] = 100 * (path - by_project["siblings"][project])
    for project, found in sorted(differences.items()):
        shown = [f"{found[mode]:+.1f}" if mode in found else "-" for mode in ("table", "source")]
        paired.rows.append((project, *shown))
    yield table
    yield paired


def _relationships(folder: Path, baselines: Any) -> Iterator[Table]:
    scorer = importlib.import_module("score_relationships")
    databases = scorer.load_databases(str(folder / "relationships"))
    table = Table(
        "Relationships from names and types alone (%; 109 databases, keys hidden)",
        ("databases, predictor", "macro precision", "recall", "F1", "primary keys", "micro F1", "micro recall"),
        notes=["Some true relationships are undeclared in these databases and count as errors: precision is a bound."],
    )
    for family in (None, "ddl"):
        chosen = [database for database in databases if family in (None, database["family"])]
        for name, predict in _rows(baselines, ("naive", "rule"), predictors.relationships):
            result = scorer.score(chosen, predict)
            macro, micro = result["all"]["macro"], result["all"]["micro"]
            numbers = [macro["precision"], macro["recall"], macro["f1"], macro["pk"], micro["f1"], micro["recall"]]
            label = f"{'all' if family is None else 'without Spider'}, {name}"
            table.rows.append((label, *(percent(number) for number in numbers)))
            _note_crashes(table, result, label)
    yield table


def _marts(folder: Path, baselines: Any) -> Iterator[Table]:
    scorer = importlib.import_module("score_marts")
    databases = scorer.load_databases(str(folder / "marts"))
    table = Table(
        f"Marts against published star schemas (%; {len(databases)} databases)",
        ("keys, predictor", "role", "recall", "precision", "fold-in", "tight", "name"),
    )
    for mode in ("declared", "hidden"):
        for name, predict in _rows(baselines, ("peer_marts", "shape"), predictors.marts):
            result = scorer.score(databases, predict, mode)
            asked = {
                m for m in scorer.METRICS if any(scorer.value(row, m) is not None for row in result["per_database"])
            }
            numbers = [percent(result["macro"][m] if m in asked else None) for m in scorer.METRICS]
            table.rows.append((f"{mode}, {name}", *numbers))
            _note_crashes(table, result, f"{mode}, {name}")
    yield table


def _note_crashes(table: Table, result: dict[str, Any], label: str) -> None:
    if result["crashes"]:
        table.notes.append(f"{label}: {result['crashes']} calls raised an exception and count as wrong.")
