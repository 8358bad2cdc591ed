"""What a dbt child may see, and how its command is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cartridge.errors import MissingExtraError, VerifyError
from cartridge.verify.dbt import DbtCall, DbtOptions, child_environment, find_command, run_dbt
from cartridge.verify.profile import default_target, looks_like_production, named_variables

PROFILE = """\
shop:
  target: "{{ env_var('SHOP_TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: "{{ env_var( \\"SHOP_PATH\\" ) }}", password: "{{ env_var('SHOP_SECRET') | upper }}"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\nvars: {x: \"{{ env_var('SHOP_X') }}\"}\n")
    (tmp_path / "profiles.yml").write_text(PROFILE)
    return tmp_path


def test_the_child_sees_what_it_needs_and_no_more(project: Path) -> None:
    inherited = {
        "PATH": "/bin", "HOME": "/nowhere", "LC_ALL": "C", "DBT_THREADS": "2", "SHOP_PATH": "a", "SHOP_SECRET": "b",
        "SHOP_X": "c", "AWS_SECRET_ACCESS_KEY": "d", "OPENAI_API_KEY": "e", "SHOP_OTHER": "f", "PYTHONPATH": "g",
    }  # fmt: skip
    seen = child_environment(DbtCall(project, project, DbtOptions(environment={"EXTRA": "h"})), inherited)
    assert set(seen) - {"DBT_SEND_ANONYMOUS_USAGE_STATS", "PYTHONIOENCODING", "PYTHONUNBUFFERED"} == {
        "PATH", "HOME", "LC_ALL", "DBT_THREADS", "SHOP_PATH", "SHOP_SECRET", "SHOP_X", "EXTRA",
    }  # fmt: skip


def test_a_child_really_starts_with_that_environment(project: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    script = f"import json, os, pathlib; pathlib.Path({str(seen)!r}).write_text(json.dumps(dict(os.environ)))"
    caller = (
        "from pathlib import Path; from cartridge.verify.dbt import DbtCall, DbtOptions, run_dbt; import sys; "
        f"run_dbt(['parse'], DbtCall(Path({str(project)!r}), Path({str(tmp_path)!r}), "
        f"DbtOptions(command=(sys.executable, '-c', {script!r}))))"
    )
    environment = {**os.environ, "CANARY": "must not be seen", "SHOP_PATH": "may be seen"}
    subprocess.run([sys.executable, "-c", caller], env=environment, check=True)
    variables = json.loads(seen.read_text())
    assert "CANARY" not in variables
    assert variables["SHOP_PATH"] == "may be seen"


def test_variables_and_targets_are_read_from_the_profile(project: Path) -> None:
    assert named_variables([PROFILE]) == {"SHOP_TARGET", "SHOP_PATH", "SHOP_SECRET"}
    assert default_target(project, {}) == "dev"
    assert default_target(project, {"SHOP_TARGET": "prod"}) == "prod"
    assert default_target(project, {"DBT_TARGET": "ci"}) == "ci"
    other = project / "other"
    other.mkdir()
    (other / "profiles.yml").write_text("shop: {target: staging}\n")
    assert default_target(project, {"DBT_PROFILES_DIR": str(other)}) == "staging"
    (project / "profiles.yml").write_text("- no\n- profile: [")
    assert default_target(project, {}) is None


@pytest.mark.parametrize(
    ("name", "is_production"),
    [("prod", True), ("PROD_EU", True), ("my-production", True), ("live", True), ("dev", False), ("product", False),
     ("delivery", False), ("prd", True), ("ci", False)],
)  # fmt: skip
def test_names_of_production(name: str, is_production: bool) -> None:
    assert looks_like_production(name) is is_production


def test_a_missing_dbt_names_its_install_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MissingExtraError, match=r"pip install 'cartridge-dbt\[dbt\]'"):
        find_command(("dbt",))
    with pytest.raises(VerifyError, match="'no-such-thing run dbt' was not found"):
        find_command(("no-such-thing", "run", "dbt"))


def test_a_child_that_prints_what_is_no_log(project: Path) -> None:
    script = "print('{'); print('[1]'); print('{\"info\": 1, \"data\": {}}'); print('Traceback'); raise SystemExit(3)"
    run = run_dbt(["parse"], DbtCall(project, project, DbtOptions(command=(sys.executable, "-c", script))))
    assert run.exit_code == 3
    assert run.said.endswith("Traceback")


def test_a_time_limit_ends_the_children_of_the_child_too(project: Path) -> None:
    script = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, "
        "flush=True); import time; time.sleep(600)"
    )
    call = DbtCall(project, project, DbtOptions(command=(sys.executable, "-c", script), timeout=0.5))
    with pytest.raises(VerifyError, match=r"dbt parse was stopped after 0\.5 seconds"):
        run_dbt(["parse"], call)
