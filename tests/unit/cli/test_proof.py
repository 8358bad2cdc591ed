"""What a proof said, in words."""

from __future__ import annotations

import pytest

from cartridge.cli.output import Output
from cartridge.cli.proof import described, print_proof
from cartridge.cli.settings import Settings
from cartridge.domain.change import NodeResult, VerifyReport

GOOD = (NodeResult("stg_a", "model", "success"), NodeResult("not_null_stg_a_id", "test", "pass"))
BROKEN = (
    NodeResult("fct_b", "model", "error", "Binder Error:\nno such column", step_id=3, mend="Plan again."),
    NodeResult("unique_fct_b_id", "test", "skipped"),
)


def test_a_good_proof(capsys: pytest.CaptureFixture[str]):
    report = VerifyReport("dev (duckdb)", GOOD, proven=True, dbt_version="1.12.6")
    print_proof(Output(Settings()), report)
    assert capsys.readouterr().out == (
        "Proven on dev (duckdb) by dbt 1.12.6: 1 model built, 1 test passed; 0 deprecations\n"
    )


def test_a_failed_proof_names_each_fault_and_its_mend(capsys: pytest.CaptureFixture[str]):
    report = VerifyReport("dev", GOOD + BROKEN, proven=False, notes=("The source was not re-checked.",))
    print_proof(Output(Settings()), report)
    assert capsys.readouterr().out.splitlines() == [
        "error: model fct_b (step 3)",
        "    Binder Error:",
        "    no such column",
        "    mend: Plan again.",
        "skipped: test unique_fct_b_id",
        "Note: The source was not re-checked.",
        "Not proven on dev: 1 of 2 models built, 1 of 2 tests passed; 1 error; 1 skipped; 0 deprecations",
    ]


def test_counts_in_a_line():
    assert described(VerifyReport("dev", (), proven=False)) == "0 models built, 0 tests passed; 0 deprecations"
