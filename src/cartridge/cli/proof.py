"""What a proof said, for a person: counts, then every failure with its mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cartridge.cli.output import Output, plural
from cartridge.domain.change import DataCheck, NodeResult, VerifyReport

BAD = ("error", "fail", "skipped", "missing")


def described(report: VerifyReport) -> str:
    """The report in a few words: "29 models built, 120 tests passed"."""
    return "; ".join(_counts(report))


def _counts(report: VerifyReport) -> Iterator[str]:
    models = [node for node in report.nodes if node.kind != "test"]
    tests = [node for node in report.nodes if node.kind == "test"]
    yield f"{_share(models, 'success', 'model')} built, {_share(tests, 'pass', 'test')} passed"
    for status, count in sorted(Counter(node.status for node in report.nodes).items()):
        if status not in ("success", "pass"):
            yield f"{count} {status}"
    if report.checks:
        passed = sum(check.status == "pass" for check in report.checks)
        yield f"{passed} of {plural(len(report.checks), 'check')} of the data passed"
    yield plural(report.deprecations, "deprecation")


def _share(nodes: list[NodeResult], good: str, word: str) -> str:
    passed = sum(node.status == good for node in nodes)
    return plural(len(nodes), word) if passed == len(nodes) else f"{passed} of {plural(len(nodes), word)}"


def print_proof(output: Output, report: VerifyReport) -> None:
    """Print what failed and why, the notes, and the verdict."""
    for node in report.nodes:
        if node.status in (*BAD, "warn"):
            _print_fault(output, f"{node.status}: {node.kind} {node.name}", node)
    for check in report.checks:
        if check.status != "pass":
            _print_fault(output, f"{check.status}: {check.name}", check)
    for note in report.notes:
        output.print(f"Note: {note}")
    on = f" on {report.target}" if report.target else ""
    by = f" by dbt {report.dbt_version}" if report.dbt_version else ""
    for standing in ("proven", "consistent", "untested"):
        if found := report.by_standing(standing):
            output.print(f"{standing}: {plural(len(found), 'node')}, {_named([node.name for node in found])}")
    verdict = "Proven" if report.proven else "Not proven"
    output.print(f"{verdict}{on}{by}: {described(report)}")


def _named(names: list[str]) -> str:
    """The first few names, and how many more."""
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _print_fault(output: Output, title: str, fault: NodeResult | DataCheck) -> None:
    output.print(title + (f" (step {fault.step_id})" if fault.step_id else ""))
    output.print_indented(fault.message)
    for reason in fault.evidence if output.settings.verbose else ():
        output.print_indented(f"rests on: {reason}")
    if fault.mend:
        output.print_indented(f"mend: {fault.mend}")
