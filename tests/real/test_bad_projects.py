"""Projects with something wrong in them: each fault is a finding or one clear message, and nothing is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cli_child import cartridge_command, tree

NOBODY = 65534
TABLES = "create table visits (id integer primary key, visited timestamp);"
SOURCE = "sources:\n  - name: crm\n    schema: {}\n    tables:\n      - name: deals\n"
FAULTY: dict[str, str | bytes] = {
    "models/stg_deals.sql": "select * from {{ source('crm', 'deals') }}\n",
    "models/a.yml": SOURCE.format("public"),
    "models/b.yml": SOURCE.format("other"),
    "models/broken.yml": "models:\n  - name: [a\n",
    "models/broken.sql": "select {% if x %}\n",
    "models/picture.sql": b"\x89PNG\r\n\x00\xff",
    "dbt_packages/util/dbt_project.yml": "name: util\n",
    "dbt_packages/util/models/stg_deals.sql": "select 1 as a\n",
}
SAID = {
    "duplicate-source-table", "split-source", "invalid-yaml", "invalid-jinja", "not-text", "package-clash", "link-loop",
}  # fmt: skip
"""The code of a finding for each."""


def project_in(root: Path, files: dict[str, str | bytes]) -> Path:
    """A project beside a file of tables."""
    (root / "tables.sql").write_text(TABLES)
    for path, content in {"dbt_project.yml": "name: shop\nprofile: shop\n", **files}.items():
        file = root / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root / "shop"


def commands(root: Path) -> dict[str, list[str]]:
    source = f"ddl+postgres:///{root}/tables.sql"
    return {
        "plan": ["plan", source, "--project", "shop", "-o", "plan.json"],
        "conventions": ["conventions", "--project", "shop"],
        "drift": ["drift", source, "--project", "shop"],
    }


def test_what_is_wrong_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    project = project_in(tmp_path, FAULTY)
    (project / "models" / "again").symlink_to(project / "models", target_is_directory=True)
    before = tree(project)
    run = {name: cartridge_command(*command, cwd=tmp_path) for name, command in commands(tmp_path).items()}
    assert [run[name].returncode for name in ("plan", "conventions", "drift")] == [0, 0, 2], run
    for name, done in run.items():
        assert "Traceback" not in done.stderr
        missing = [code for code in SAID if code not in done.stdout + done.stderr]
        assert not missing, (name, done.stdout, done.stderr)
    assert tree(project) == before
    plan = json.loads((tmp_path / "plan.json").read_text())["plan"]
    assert any(action["name"].endswith("visits") for action in plan["actions"])


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"dbt_project.yml": "name: [shop\n"}, "dbt_project.yml, line 2: invalid YAML"),
        ({"dbt_project.yml": "profile: shop\n"}, "has no `name:`"),
        ({"dbt_project.yml": b"name: \xff"}, "dbt_project.yml"),
        ({"cartridge.toml": "[yaml]\nindent = 'wide'\n"}, "yaml.indent is 'wide'"),
    ],
)
def test_a_project_that_cannot_be_read_is_one_message(tmp_path: Path, files: dict[str, str | bytes], says: str) -> None:
    project_in(tmp_path, files)
    refused(tmp_path, commands(tmp_path)["conventions"], says)


def test_a_folder_without_a_project_is_one_message(tmp_path: Path) -> None:
    (project_in(tmp_path, {}) / "dbt_project.yml").unlink()
    for name in ("conventions", "drift"):
        refused(tmp_path, commands(tmp_path)[name], "dbt_project.yml")


def refused(root: Path, command: list[str], says: str) -> None:
    before = tree(root)
    done = cartridge_command(*command, cwd=root)
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert [says in line for line in done.stderr.splitlines() if line.startswith("Error: ")] == [True], done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert tree(root) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_this_user_may_not_read_is_a_finding() -> None:
    """As root everything can be read, so the reading is done as nobody, in a folder open to all (pytest's are not)."""
    code = (
        "import os, sys; from cartridge.project import read_project; read_project(sys.argv[1])\n"  # all is imported now
        f"os.chdir('/'); os.setgid({NOBODY}); os.setuid({NOBODY}); state = read_project(sys.argv[1])\n"
        "print(sorted(state.models), [(f.code, f.severity, f.path) for f in state.findings])"
    )
    with TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        models = {"models/a.sql": "select 1 as a\n", "models/secret/b.sql": "select 1 as b\n"}
        project = project_in(Path(root), models)
        (project / "models" / "secret").chmod(0o700)
        done = subprocess.run(
            [sys.executable, "-c", code, str(project)], capture_output=True, text=True, check=False, env={"HOME": "/"}
        )
    assert done.stdout == "['a'] [('unreadable', 'error', 'models/secret/')]\n", done.stderr
