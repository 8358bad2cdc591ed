"""Proofs by the real dbt: what is right is proven, and every planted fault is caught and says where it comes from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cartridge.domain.change import DataCheck, VerifyReport
from cartridge.domain.plan import ExecutionPlan
from cartridge.errors import InputError, VerifyError
from cartridge.verify import WITH_SCHEMA_WARNINGS, DbtOptions, parse, verify
from verify_project import FILES, action, fact, plan, write_project

FACT = FILES["models/fct_orders.sql"]
FAULTS = {
    "models/fct_fan_out.sql": FACT.replace(
        "orders.customer_id = customers.customer_id", "orders.region = customers.region"
    ),
    "models/fct_wrong_key.sql": FACT.replace("orders.customer_id,", "orders.order_id as customer_id,"),
    "models/fct_dropped.sql": FACT.replace("orders.amount, ", ""),
    "models/fct_orphans.sql": FACT.replace(
        "orders.customer_id = customers.customer_id", "orders.region = customers.customer_id"
    ),
    "models/fct_gone.sql": FACT.replace("orders.amount", "orders.total as amount"),
    "models/fct_lost_rows.sql": FACT + "where orders.customer_id is not null\n",
    "models/fct_disabled.sql": "{{ config(enabled=false) }}\n" + FACT,
    "models/fct_later.sql": "select * from {{ ref('fct_gone') }}\n",
    "models/faults.yml": "version: 2\nmodels:\n"
    + "".join(
        f"  - name: {name}\n" + FILES["models/models.yml"].partition("  - name: fct_orders\n")[2]
        for name in ("fct_fan_out", "fct_wrong_key", "fct_dropped", "fct_orphans", "fct_gone", "fct_lost_rows")
    ),
}
"""Each of these holds one fault; `fct_later` reads one that breaks, and lacks the tests that its plan announces."""


def faulty_plan() -> ExecutionPlan:
    planned = plan()
    names = [Path(path).stem for path in FAULTS if path.endswith(".sql")]
    for step, name in enumerate(names, 5):
        joins = {"fct_fan_out": ("region", "region"), "fct_orphans": ("region", "customer_id")}
        detail = fact(*joins.get(name, ("customer_id", "customer_id")))
        planned.actions.append(action(step, "create_mart", name, ["stg_orders", "stg_customers"], detail))
    return planned


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    """One run over all planted faults."""
    folder = tmp_path_factory.mktemp("faults")
    environment = write_project(folder, FAULTS)
    return verify(folder / "project", faulty_plan(), DbtOptions(environment=environment))


def step_of(name: str) -> int:
    found = faulty_plan().action(name)
    assert found is not None
    return found.step_id


def run(folder: Path, changed: dict[str, str], select: list[str] | None = None) -> VerifyReport:
    environment = write_project(folder, changed)
    return verify(folder / "project", plan(), DbtOptions(environment=environment), select=select)


def test_a_right_project_is_proven_and_left_as_it_was(tmp_path: Path) -> None:
    environment = write_project(tmp_path)
    project = tmp_path / "project"
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    seen: list[tuple[str, int, int | None]] = []
    report = verify(project, plan(), DbtOptions(environment=environment), progress=lambda *step: seen.append(step))
    assert report.proven, report
    assert report.target == "dev (duckdb)"
    assert report.dbt_version.startswith("1.")
    assert (report.warnings, report.deprecations, report.notes) == (0, 0, ())
    assert [(node.name, node.step_id) for node in report.nodes if node.kind == "model"] == [
        ("stg_customers", 2), ("stg_orders", 3), ("fct_orders", 4),
    ]  # fmt: skip
    assert {node.status for node in report.nodes} == {"success", "pass"}
    assert sum(node.kind == "test" for node in report.nodes) == 8
    assert {check.kind for check in report.checks} == {"columns", "rows", "grain", "sums", "orphans"}
    assert {check.status for check in report.checks} == {"pass"}
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before
    assert seen[-1][1:] == (11, 11)


def failed_checks(report: VerifyReport, name: str) -> dict[str, DataCheck]:
    return {check.kind: check for check in report.checks if check.name == name and check.status == "fail"}


def test_what_is_right_among_faults_stays_right(faulty: VerifyReport) -> None:
    assert not faulty.proven
    right = ("stg_customers", "stg_orders", "fct_orders")
    assert not any(failed_checks(faulty, name) for name in right)
    assert not any(node.status not in ("success", "pass") for node in faulty.nodes if (node.step_id or 0) <= 4)


def test_a_join_that_multiplies_rows_is_caught(faulty: VerifyReport) -> None:
    failed = failed_checks(faulty, "fct_fan_out")
    assert set(failed) == {"rows", "grain", "sums"}
    rows = failed["rows"]
    assert rows.message == "as many rows as stg_orders: expected 4, found 6"
    assert rows.step_id == step_of("fct_fan_out")
    assert "several rows for one" in rows.mend
    assert any("region looks like a key of customers" in reason for reason in rows.evidence)
    unique = next(node for node in faulty.nodes if node.name == "unique_fct_fan_out_order_id")
    assert (unique.status, unique.step_id, unique.failures) == ("fail", step_of("fct_fan_out"), 2)
    assert "multiplies rows" in unique.mend


def test_a_wrong_foreign_key_is_caught(faulty: VerifyReport) -> None:
    failed = next(node for node in faulty.nodes if node.name.startswith("relationships_fct_wrong_key"))
    assert (failed.status, failed.step_id, failed.failures) == ("fail", step_of("fct_wrong_key"), 4)
    assert "4 values of customer_id point to no row of stg_customers.customer_id" in failed.mend
    assert "relationships (declared): customer_id names customers" in failed.evidence


def test_a_dropped_column_is_caught(faulty: VerifyReport) -> None:
    failed = failed_checks(faulty, "fct_dropped")
    assert {kind: check.message for kind, check in failed.items()} == {"columns": "planned and not there: amount"}
    assert failed["columns"].step_id == step_of("fct_dropped")
    assert "Bring the column back" in failed["columns"].mend


def test_a_column_that_is_not_there_is_caught(faulty: VerifyReport) -> None:
    broken = next(node for node in faulty.nodes if node.name == "fct_gone")
    assert (broken.status, broken.step_id) == ("error", step_of("fct_gone"))
    assert "total" in broken.message
    assert "scan the source again" in broken.mend
    later = next(node for node in faulty.nodes if node.name == "fct_later")
    assert (later.status, later.step_id) == ("skipped", step_of("fct_later"))


def test_lost_rows_are_caught(faulty: VerifyReport) -> None:
    failed = failed_checks(faulty, "fct_lost_rows")
    assert {kind: (check.expected, check.found) for kind, check in failed.items()} == {
        "rows": ("4", "3"), "sums": ("17.5", "13.5"),
    }  # fmt: skip


def test_rows_that_find_no_match_are_said(faulty: VerifyReport) -> None:
    """A warning: such rows may be the source's own; what the plan promises of them, dbt's tests hold it to."""
    assert failed_checks(faulty, "fct_orphans") == {}
    (said,) = [check for check in faulty.checks if check.name == "fct_orphans" and check.status == "warn"]
    assert (said.kind, said.step_id, said.expected, said.found) == ("orphans", step_of("fct_orphans"), "0", "4")
    assert said.message == "every region of stg_orders finds its row in stg_customers: expected 0, found 4"
    assert said.mend
    assert any("region looks like a key of customers" in reason for reason in said.evidence)


def test_what_dbt_did_not_report_is_missing(faulty: VerifyReport) -> None:
    missing = {
        node.name for node in faulty.nodes if node.status == "missing" and node.step_id == step_of("fct_disabled")
    }
    assert missing == {
        "fct_disabled",
        "unique on fct_disabled.order_id",
        "not_null on fct_disabled.order_id",
        "relationships on fct_disabled.customer_id",
    }
    assert any(node.name == "unique on fct_later.order_id" and node.status == "missing" for node in faulty.nodes)


def test_a_selection_of_nothing_is_a_failure(tmp_path: Path) -> None:
    report = run(tmp_path, {}, select=["nothing_of_that_name"])
    assert not report.proven
    assert any("selected no node at all" in note for note in report.notes)
    assert {node.status for node in report.nodes} == {"missing"}
    models = {node.name: node for node in report.nodes if node.kind == "model"}
    assert {name: node.step_id for name, node in models.items()} == {
        "stg_customers": 2, "stg_orders": 3, "fct_orders": 4,
    }  # fmt: skip
    assert "grain: fct_orders keeps the rows of stg_orders" in models["fct_orders"].evidence
    assert all(node.mend for node in report.nodes)


@pytest.mark.parametrize("name", ["fct_wrong_key", "fct_fan_out", "fct_dropped", "fct_gone", "fct_disabled"])
def test_what_is_caught_names_its_action_and_on_what_that_rests(faulty: VerifyReport, name: str) -> None:
    step = step_of(name)
    found = [node for node in faulty.nodes if node.step_id == step and node.status in ("fail", "error", "missing")]
    wrong = [*found, *(check for check in faulty.checks if check.step_id == step and check.status == "fail")]
    assert wrong
    for fault in wrong:
        assert fault.mend, fault
        assert any(reason.startswith("join stg_orders.") for reason in fault.evidence), fault


def test_a_project_that_does_not_compile_names_the_action(tmp_path: Path) -> None:
    report = run(tmp_path, {"models/fct_orders.sql": "select * from {{ ref('stg_custmers') }}"})
    assert not report.proven
    broken = [node for node in report.nodes if node.status == "error"]
    assert [(node.name, node.step_id) for node in broken] == [("fct_orders", 4)]
    assert "stg_custmers" in broken[0].message
    assert "not in the project" in broken[0].mend


def test_deprecations_are_counted_and_a_failing_hook_is_not_overlooked(tmp_path: Path) -> None:
    old_form = FILES["models/models.yml"].replace(
        "arguments: {to: ref('stg_customers'), field: customer_id}",
        "to: ref('stg_customers')\n              field: customer_id",
    )
    hook = FILES["dbt_project.yml"] + "on-run-end: select nothing from nowhere\n"
    report = run(tmp_path, {"models/models.yml": old_form, "dbt_project.yml": hook})
    assert report.deprecations == 1
    assert any("MissingArgumentsProperty" in note for note in report.notes)
    assert not report.proven
    assert any("nowhere" in note for note in report.notes)


def test_schema_warnings_can_be_switched_on(tmp_path: Path) -> None:
    unknown_key = FILES["models/models.yml"].replace(
        "  - name: fct_orders\n", "  - name: fct_orders\n    colour: red\n"
    )
    environment = write_project(tmp_path, {"models/models.yml": unknown_key})
    assert parse(tmp_path / "project", DbtOptions(environment=environment)).deprecations == 0
    strict = parse(tmp_path / "project", DbtOptions(command=WITH_SCHEMA_WARNINGS, environment=environment))
    assert (strict.parsed, strict.deprecations) == (True, 1)
    assert "colour" in strict.warned[0]


def test_a_project_that_does_not_parse_says_why(tmp_path: Path) -> None:
    environment = write_project(tmp_path, {"models/models.yml": "version: 2\nmodels: [\n"})
    parsed = parse(tmp_path / "project", DbtOptions(environment=environment))
    assert not parsed.parsed
    assert "models.yml" in "".join(parsed.errors)


def test_a_missing_source_file_keeps_the_proof_from_being_run(tmp_path: Path) -> None:
    environment = {**write_project(tmp_path), "RAW_SOURCE_PATH": str(tmp_path / "absent.duckdb")}
    with pytest.raises(VerifyError, match=r"could not build anything[\s\S]*absent\.duckdb"):
        verify(tmp_path / "project", plan(), DbtOptions(environment=environment))


def test_a_missing_variable_and_a_missing_profile_are_said(tmp_path: Path) -> None:
    environment = write_project(tmp_path)
    with pytest.raises(VerifyError, match=r"RAW_SOURCE_PATH[\s\S]*set this one"):
        verify(tmp_path / "project", plan(), DbtOptions(environment={"WAREHOUSE_PATH": environment["WAREHOUSE_PATH"]}))
    (tmp_path / "project/profiles.yml").unlink()
    with pytest.raises(VerifyError, match=r"(?s)profile.*dbt looks for profiles\.yml in"):
        verify(tmp_path / "project", plan(), DbtOptions(environment={**environment, "HOME": str(tmp_path)}))


def test_the_time_limit_ends_dbt(tmp_path: Path) -> None:
    environment = write_project(tmp_path)
    slow = (sys.executable, "-c", "import time; time.sleep(600)")
    with pytest.raises(VerifyError, match=r"stopped after 1 seconds"):
        verify(tmp_path / "project", plan(), DbtOptions(command=slow, environment=environment, timeout=1))


def test_no_project_no_proof(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no dbt_project\.yml"):
        verify(tmp_path, plan())
