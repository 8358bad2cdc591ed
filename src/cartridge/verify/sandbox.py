"""The sandbox: any plan built and tested without its warehouse, over synthetic rows, in a throw-away project.

What it shows is kept apart. *Proven* rests on keys that the database declares (or that were measured), or on counts of
what was built. *Consistent* means that the rows were made to honour the very key that is tested. *Untested* is what
could not be built here, and every test that passes on deliberately spoiled rows too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cartridge.domain.change import NodeResult, VerifyReport
from cartridge.domain.plan import CREATE_SNAPSHOT, ExecutionPlan, ModelGenerationRequest
from cartridge.domain.progress import Progress, silent
from cartridge.domain.schema import TableKey
from cartridge.domain.warehouse import warehouse_of
from cartridge.errors import VerifyError
from cartridge.render import profile_environment, render
from cartridge.verify.account import FAILED, PlannedTest, matched_tests
from cartridge.verify.adversary import spoil
from cartridge.verify.artefacts import read_artefacts
from cartridge.verify.build import prove, selection
from cartridge.verify.dbt import DbtCall, DbtOptions, run_dbt
from cartridge.verify.lineage import Lineage
from cartridge.verify.sandbox_files import write_project, write_tables
from cartridge.verify.sandbox_plan import SandboxPlan, sandbox_plan
from cartridge.verify.sandbox_rules import truth_of
from cartridge.verify.standing import Judge
from cartridge.verify.synthetic import Row, Synthetic, synthesize
from cartridge.verify.target_sql import parse_faults


@dataclass(frozen=True)
class _Room:
    """The folder of one proof, and how dbt is called in it. `data` is "honest" or "spoiled"."""

    folder: Path
    options: DbtOptions
    variables: Mapping[str, str]

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def source(self, data: str) -> Path:
        return self.folder / f"{data}.duckdb"

    def call(self, data: str) -> DbtCall:
        """dbt over one of the two data sets, each with a warehouse and a scratch folder of its own."""
        paths = {
            name: str(self.folder / f"{data}_warehouse.duckdb" if role == "warehouse" else self.source(data))
            for name, role in self.variables.items()
        }
        environment = {"DBT_PROFILES_DIR": str(self.project), **paths}
        options = replace(self.options, target=None, environment=environment)
        return DbtCall(self.project, self.folder / data, options)


def verify_in_sandbox(
    plan: ExecutionPlan,
    request: ModelGenerationRequest,
    options: DbtOptions | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> VerifyReport:
    """Prove a resolved plan without its warehouse. Of `options`, the command and the time limit count; the target and
    the environment are the sandbox's own, so nothing outside of it can be reached.

    The report says of every node what its result is worth (`NodeResult.standing`). `proven` is True only where every
    planned node was built here, and no test and no check failed. The same plan and seed give the same rows.

    Raises:
        PlanError: the plan is not resolved.
        MissingExtraError: dbt or DuckDB is not installed; names the install line.
        VerifyError: the proof could not be run.
    """
    tell = progress or silent
    sandbox = sandbox_plan(plan, request)
    if not any(action.type != "create_source" for action in sandbox.plan.actions):
        return _nothing_provable(plan, sandbox)
    lineage = Lineage(sandbox.plan, sandbox.tables, sandbox.existing)
    truth = truth_of(sandbox, lineage, seed=seed)
    tell("Making rows", 0, None)
    made = synthesize(sandbox.tables, truth.relationships, truth.rules)
    spoiled = spoil(made, sandbox.tables, truth.relationships, truth.rules)
    with tempfile.TemporaryDirectory(prefix="cartridge-sandbox-", ignore_cleanup_errors=True) as folder:
        variables = {entry.name: entry.role for entry in profile_environment(sandbox.plan, sandbox.request)}
        room = _Room(Path(folder).resolve(), options or DbtOptions(), variables)
        room.project.mkdir()
        write_project(room.project, render(sandbox.plan, sandbox.request), sandbox)
        sets: Mapping[str, Mapping[TableKey, Sequence[Row]]] = {"honest": made.rows, "spoiled": spoiled}
        for data, rows in sets.items():
            write_tables(room.source(data), sandbox.stubs, made.shapes, rows)
        select = [*selection(sandbox.plan), *sandbox.existing]
        report = prove(sandbox.plan, room.call("honest"), select=select, strict=True, progress=progress)
        artefacts = read_artefacts(room.call("honest").target_path)
        planned = {node.name: test for test, node in matched_tests(sandbox.plan, artefacts) if node is not None}
        tell("Spoiling the rows: every test must fail", 0, None)
        harmless = _harmless(sandbox, room) if report.nodes else frozenset()
    judge = Judge(sandbox.plan, lineage, truth, harmless)
    return _concluded(report, _Findings(plan, request, sandbox, made), judge, planned)


def _harmless(sandbox: SandboxPlan, room: _Room) -> frozenset[str]:
    """The tests that pass on spoiled rows."""
    call = room.call("spoiled")
    models = [action.name for action in sandbox.plan.actions if action.type not in ("create_source", CREATE_SNAPSHOT)]
    built = run_dbt(["run", "--full-refresh", "--select", *models, *sandbox.existing], call)
    tested = run_dbt(["test", "--select", *selection(sandbox.plan)], call)
    if not tested.version:
        raise VerifyError(f"dbt did not run on the spoiled rows of the sandbox: {tested.said or built.said}")
    artefacts = read_artefacts(call.target_path)
    passed = (unique_id for unique_id, result in artefacts.results.items() if result.status == "pass")
    return frozenset(artefacts.nodes[unique_id].name for unique_id in passed if unique_id in artefacts.nodes)


@dataclass(frozen=True)
class _Findings:
    """What is known of the plan besides dbt's results."""

    plan: ExecutionPlan
    request: ModelGenerationRequest
    sandbox: SandboxPlan
    made: Synthetic

    def faults(self) -> Mapping[int, str]:
        """Models whose SQL for the real target does not parse, by step id."""
        warehouse = warehouse_of(self.request)
        if warehouse == "duckdb":
            return {}
        target = replace(self.sandbox.request, target_warehouse=warehouse, file_source=None)
        return parse_faults(render(self.sandbox.plan, target), warehouse)

    def not_here(self) -> list[NodeResult]:
        """Planned models that could not be built here, and tests that went with them."""
        steps = {action.name: action.step_id for action in self.plan.actions if action.type != "create_source"}
        models = [
            NodeResult(name, "model", "skipped", f"not provable here: {reason}", steps.get(name), standing="untested",
                       mend="Give the project itself, with its compiled manifest or documented columns, or verify on "
                       "the real target.")
            for name, reason in self.sandbox.unprovable.items()
        ]  # fmt: skip
        tests = [
            NodeResult(name, "test", "skipped", "not provable here: it refers to a model that is not here",
                       steps.get(name.rpartition(" on ")[2]), standing="untested")
            for name in self.sandbox.dropped
        ]  # fmt: skip
        return [*models, *tests]

    def notes(self) -> list[str]:
        """What the reader must know of the proof as a whole."""
        warehouse = warehouse_of(self.request)
        engine = "run on DuckDB" if warehouse == "duckdb" else f"proven as DuckDB SQL; {warehouse} SQL parsed, not run"
        notes = [engine[0].upper() + engine[1:] + ", over synthetic rows."]
        notes += [f"{key[1]}: {reason}" for key, reason in sorted(self.made.unsatisfiable.items())]
        notes += [f"No synthetic rows can honour {edge}: it contradicts another key, or the types do not meet."
                  for edge in self.made.unmet]  # fmt: skip
        return notes


def _concluded(
    report: VerifyReport, findings: _Findings, judge: Judge, planned: Mapping[str, PlannedTest]
) -> VerifyReport:
    """The report of the sandbox: standings given, what is not provable added, the real target's SQL judged."""
    faults = findings.faults()
    nodes = [
        judge.node(node, planned.get(node.name), report.checks)
        for node in report.nodes
        if node.name not in findings.sandbox.existing or node.status == "error"
    ]
    nodes = [_with_fault(node, faults) if node.kind == "model" else node for node in nodes]
    nodes += findings.not_here()
    failed = any(node.status in FAILED for node in nodes)
    return replace(
        report,
        target="sandbox (duckdb)",
        nodes=tuple(nodes),
        proven=report.proven and not failed,
        notes=(*findings.notes(), *report.notes),
        sandbox=True,
    )


def _with_fault(node: NodeResult, faults: Mapping[int, str]) -> NodeResult:
    fault = faults.get(node.step_id) if node.step_id is not None else None
    if fault is None:
        return node
    return replace(node, status="error", message=fault, standing="untested", mend="Correct the action, or plan again.")


def _nothing_provable(plan: ExecutionPlan, sandbox: SandboxPlan) -> VerifyReport:
    """Nothing of the plan can be built here."""
    steps = {action.name: action.step_id for action in plan.actions}
    nodes = tuple(
        NodeResult(name, "model", "skipped", f"not provable here: {reason}", steps.get(name), standing="untested")
        for name, reason in sandbox.unprovable.items()
    )
    note = "Nothing of this plan can be built in the sandbox." if nodes else "The plan holds no model."
    return VerifyReport(target="sandbox (duckdb)", nodes=nodes, proven=False, notes=(note,), sandbox=True)
