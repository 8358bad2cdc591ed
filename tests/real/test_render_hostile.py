"""Names, comments and values that look like code go through dbt as text: nothing runs, nothing is lost."""

from __future__ import annotations

import json
import random
from pathlib import Path

import duckdb
import pytest

from cartridge.domain.plan import (
    DataTest,
    ExecutionPlan,
    ModelGenerationRequest,
    PlanAction,
    SourceColumn,
    SourceDetail,
    SourceTable,
    StagedColumn,
    StagingDetail,
)
from cartridge.render import render
from cartridge.render.identifier import quoted
from cartridge.render.sql import string
from dbt_child import dbt

PIECES = (
    "{{ env_var('CARTRIDGE_SECRET') }}", "{% endraw %}", "{% raw %}", "{# note #}", "{{", "}}", "{%", "%}", "{#", "#}",
    "{", "*/", "/*", "--", ";", "drop table t", "'", '"', "''", '""', "`", "\\", "\n", "\r\n", "\r", "\t", "&anchor",
    "*alias",
    "!!python/object:os.system", "<<: *x", "- item", "key: value", "? x", "../../etc/passwd", "%s", "$$", "select", "é",
    "名前", "👩‍👧", "\u200f\u202e", "\ufeff", "\u2028", " ", "  ", "a", "B", "9", ".", ",", "@", "yes", "null", "1e3",
    "ref('x')", "env_var('CARTRIDGE_SECRET')", "source('a', 'b')", "doc('x')",
)  # fmt: skip
TABLES, COLUMNS = 12, 25


def hostile(count: int, seed: int) -> list[str]:
    """So many different texts, made of pieces; the pieces themselves first. Equal but for case is equal to DuckDB."""
    chance = random.Random(seed)
    found = {piece.lower(): piece for piece in PIECES if piece.strip()}
    while len(found) < count:
        text = "".join(chance.choices(PIECES, k=chance.randint(2, 6)))
        if text.strip():
            found.setdefault(text.lower(), text)
    found["x" * 10_000] = "x" * 10_000
    return list(found.values())[-count:]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return hostile(TABLES * COLUMNS, seed=1)


def plan_of(texts: list[str]) -> ExecutionPlan:
    """A staging model per table. Column `n` of the data is called, described and filled by the n-th text."""
    tables, actions = [], []
    for place in range(TABLES):
        own = texts[place * COLUMNS : (place + 1) * COLUMNS]
        columns = tuple(
            StagedColumn(
                name=f"column_{number}",
                source=text,
                description=text,
                tests=(
                    DataTest(name="accepted_values", arguments={"values": [text, "other"]}),
                    DataTest(name="unique"),
                ),
            )
            for number, text in enumerate(own)
        )
        described = tuple(
            SourceColumn(name=text, description=text, tests=(DataTest(name="not_null"),) if '"' not in text else ())
            for text in own
        )
        tables.append(SourceTable(name=f"table_{place}", identifier=own[0], description=own[1], columns=described))
        actions.append(
            PlanAction(
                step_id=place + 2,
                type="create_staging",
                name=f"stg_raw__table_{place}",
                file_path=f"models/staging/raw/stg_raw__table_{place}.sql",
                description=own[2],
                dependencies=["raw"],
                properties_path="models/staging/raw/_raw__models.yml",
                detail=StagingDetail(
                    source="raw", source_table=f"table_{place}", table=("main", own[0]), columns=columns
                ),
            )
        )
    path = "models/staging/raw/_raw__sources.yml"
    source = SourceDetail(schema_name="main", database="raw", tables=tuple(tables))
    first = PlanAction(step_id=1, type="create_source", name="raw", file_path=path, properties_path=path, detail=source)
    return ExecutionPlan(strategy="greenfield", actions=[first, *actions])


@pytest.fixture(scope="module")
def project(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    request = ModelGenerationRequest(tables=[], target_warehouse="duckdb", file_source="raw.duckdb")
    for file in render(plan_of(texts), request).files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.text.encode("utf-8"))
    with duckdb.connect(str(folder / "raw.duckdb")) as source:
        for place in range(TABLES):
            own = texts[place * COLUMNS : (place + 1) * COLUMNS]
            columns = ", ".join(f"{string(text, 'duckdb')} as {quoted(text, 'duckdb')}" for text in own)
            source.execute(f"create table {quoted(own[0], 'duckdb')} as select {columns}")
    return folder


def test_every_text_arrives_as_it_is(project: Path, texts: list[str]) -> None:
    outcome = dbt(project, "build", environment={"CARTRIDGE_SECRET": "leaked"})
    assert outcome.complaints == []
    assert set(outcome.results.values()) == {"success", "pass"}
    manifest = json.loads((project / "target/manifest.json").read_text())
    assert "leaked" not in json.dumps(manifest["nodes"]) + json.dumps(manifest["sources"])
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    sources = {node["name"]: node for node in manifest["sources"].values()}
    for place in range(TABLES):
        own = [text.rstrip("\n") for text in texts[place * COLUMNS : (place + 1) * COLUMNS]]
        model, source = nodes[f"stg_raw__table_{place}"], sources[f"table_{place}"]
        assert model["description"] == own[2]
        assert [column["description"] for column in model["columns"].values()] == own
        assert source["description"] == own[1]
        assert [column["description"] for column in source["columns"].values()] == own
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach '{project / 'raw.duckdb'}' as raw (read_only)")
        for place in range(TABLES):
            found = warehouse.execute(f"select * from stg_raw__table_{place}").fetchall()
            assert found == [tuple(texts[place * COLUMNS : (place + 1) * COLUMNS])]
