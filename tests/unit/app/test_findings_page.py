"""Every finding's code is explained, and every code that is explained is one that is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cartridge.domain.finding_codes import CODES
from shared_data import REPOSITORY

CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")
MAKERS = {"error", "warning", "note", "warn", "_moved", "_note", "_warning", "_dropped"}
SEVERITIES = {"error", "warning", "note"}


def constants(node: ast.expr | None) -> Iterator[str]:
    """The texts that an expression may come to: one constant, or either side of a condition."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        yield node.value


def codes_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in MAKERS and len(node.args) > 1:
            yield from constants(node.args[0])
        if name == "Finding":
            yield from (code for word in node.keywords if word.arg == "code" for code in constants(word.value))


def test_every_code_is_explained_and_used():
    page = (REPOSITORY / "docs" / "findings.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == CODES, "the page and domain/finding_codes.py list the same codes"
    sources = sorted((REPOSITORY / "src" / "cartridge").rglob("*.py"))
    made = {code for path in sources for code in codes_of(path)} - SEVERITIES
    assert len(made) > 40
    assert made - set(explained) == set()
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "finding_codes.py")
    unused = {code for code in explained if f'"{code}"' not in text and not code.endswith("-on-source")}
    assert unused == set()


def test_every_row_says_cause_and_mend():
    page = (REPOSITORY / "docs" / "findings.md").read_text(encoding="utf-8")
    for row in (line for line in page.splitlines() if line.startswith("| `")):
        _, _, severity, cause, mend, _ = (cell.strip() for cell in row.split("|"))
        assert severity in SEVERITIES
        assert cause
        assert mend


def test_every_rule_of_the_evaluator_has_its_place():
    """29 rules; the codes beside them are codes of this page."""
    page = (REPOSITORY / "docs" / "findings.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    rules = dict(re.findall(r"^\| (fct_\w+) \| (.+) \|$", page, re.MULTILINE))
    assert len(rules) == 29
    for rule, place in rules.items():
        named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", place))
        assert named <= explained, rule
        assert named or "no plan makes" in place or "cannot be planned" in place
