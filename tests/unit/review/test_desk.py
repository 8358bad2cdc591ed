"""What the page can do with a plan, over real requests: look, change, apply, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cartridge.app.saved_plan import SavedPlan, load_plan
from review_server import Client, review_server
from saved_plans import PROJECT, TABLES, planned, scanned, tree, write_project


@pytest.fixture(scope="module")
def saved() -> SavedPlan:
    return planned(None, scanned(TABLES))


@pytest.fixture
def client(saved: SavedPlan, tmp_path: Path) -> Iterator[Client]:
    with review_server(saved, tmp_path, tmp_path / "shop") as server:
        yield Client(server).enter()


def node(plan: dict, name: str) -> dict:
    return next(node for node in plan["nodes"] if node["planned_name"] == name)


def test_the_graph_is_the_plan(client: Client, saved: SavedPlan):
    plan = client.ok("GET", "/api/plan")
    assert [node["name"] for node in plan["nodes"]] == [action.name for action in saved.plan.actions]
    names = {node["id"]: node["name"] for node in plan["nodes"]}
    read = {action.name: set(action.dependencies) for action in saved.plan.actions}
    assert plan["edges"]
    assert all(names[start] in read[names[end]] for start, end in plan["edges"])
    assert len(plan["edges"]) == sum(len(set(action.dependencies)) for action in saved.plan.actions)


def test_a_step_is_shown_whole(client: Client):
    plan = client.ok("GET", "/api/plan")
    step = client.ok("GET", f"/api/step/{node(plan, 'stg_crm__tickets')['id']}")
    assert {file["language"] for file in step["files"]} == {"sql", "yaml"}
    origins = {column["name"]: column["origin"] for column in step["columns"]}
    assert origins["customer_id"] == "crm.tickets.customer_id"
    assert {"unique", "not_null", "relationships"} <= {test["name"] for test in step["tests"]}
    mart = next(node for node in plan["nodes"] if node["layer"] == "marts")
    step = client.ok("GET", f"/api/step/{mart['id']}")
    assert step["evidence"]
    assert any(column["root"] and column["root"].startswith("crm.") for column in step["columns"])


def test_a_change_is_judged_at_once_and_mended(client: Client):
    plan = client.ok("GET", "/api/plan")
    one = node(plan, "stg_crm__customers")["id"]
    bad = client.ok("POST", "/api/changes", {"amendments": {one: {"name": "stg_crm__tickets"}}, "rejected": []})
    assert bad["refused"]
    assert one in {finding["node"] for finding in bad["findings"] if finding["severity"] == "error"}
    good = client.ok("POST", "/api/changes", {"amendments": {one: {"name": "stg_crm__clients"}}, "rejected": []})
    assert not good["refused"]
    assert node(good, "stg_crm__customers")["name"] == "stg_crm__clients"
    assert good["changes"] == {"amendments": {one: {"name": "stg_crm__clients"}}, "rejected": []}
    reader = next(end for start, end in good["edges"] if start == one)
    assert "stg_crm__clients" in client.ok("GET", f"/api/step/{reader}")["files"][0]["text"]
    assert "stg_crm__clients" in client.ok("GET", f"/api/step/{reader}")["files"][0]["changed"]


def test_what_reads_a_rejected_step_is_shown_to_go_with_it(client: Client):
    plan = client.ok("GET", "/api/plan")
    step = int(node(plan, "stg_crm__tickets")["id"])
    left = client.ok("POST", "/api/changes", {"amendments": {}, "rejected": [step]})
    assert node(left, "stg_crm__tickets")["gone"] == "asked"
    readers = {end for start, end in plan["edges"] if start == str(step)}
    assert readers
    assert {node["gone"] for node in left["nodes"] if node["id"] in readers} == {"follows"}


def test_apply_and_undo(client: Client, saved: SavedPlan, tmp_path: Path):
    plan = client.ok("GET", "/api/plan")
    one = node(plan, "stg_crm__customers")["id"]
    plan = client.ok("POST", "/api/changes", {"amendments": {one: {"name": "stg_crm__clients"}}, "rejected": []})
    status, _, body = client.send("POST", "/api/apply", {"revision": plan["revision"] - 1})
    assert status == 409
    assert "another by now" in body["error"]
    work = client.finish("apply", plan["revision"])
    assert work["ended"] == "done", work
    project = tmp_path / "shop"
    assert (project / "models/staging/crm/stg_crm__clients.sql").is_file()
    assert set(work["result"]["created"]) == set(tree(project))
    assert load_plan(tmp_path / "plan.json").plan.action("stg_crm__clients"), "the file holds what was applied"
    now = client.ok("GET", "/api/plan")
    assert now["applied"]
    assert not now["can_change"]
    assert client.send("POST", "/api/changes", {"amendments": {}, "rejected": []})[0] == 409
    assert client.send("POST", "/api/apply", {"revision": now["revision"]})[0] == 409
    work = client.finish("undo", now["revision"])
    assert work["ended"] == "done", work
    assert tree(project) == {}
    assert not client.ok("GET", "/api/plan")["applied"]


def test_a_refused_plan_is_not_applied(client: Client, tmp_path: Path):
    plan = client.ok("GET", "/api/plan")
    one = node(plan, "stg_crm__customers")["id"]
    bad = client.ok("POST", "/api/changes", {"amendments": {one: {"name": "stg_crm__tickets"}}, "rejected": []})
    work = client.finish("apply", bad["revision"])
    assert work["ended"] == "failed"
    assert "gate" in work["fault"]
    assert not (tmp_path / "shop").exists()
    assert client.send("POST", "/api/save", {"revision": bad["revision"]})[0] == 409


def test_a_file_in_the_way_is_said_and_nothing_is_written(client: Client, tmp_path: Path):
    plan = client.ok("GET", "/api/plan")
    other = tmp_path / "shop/models/staging/crm/stg_crm__customers.sql"
    other.parent.mkdir(parents=True)
    other.write_text("select 1")
    work = client.finish("apply", plan["revision"])
    assert work["ended"] == "failed"
    assert "stg_crm__customers.sql" in work["fault"]
    assert list(tree(tmp_path / "shop")) == ["models/staging/crm/stg_crm__customers.sql"]


def test_undo_takes_back_nothing_that_the_page_did_not_apply(client: Client):
    plan = client.ok("GET", "/api/plan")
    assert client.send("POST", "/api/undo", {"revision": plan["revision"]})[0] == 409


def test_without_a_project_a_plan_is_looked_at_changed_and_saved(saved: SavedPlan, tmp_path: Path):
    with review_server(saved, tmp_path) as server:
        client = Client(server).enter()
        plan = client.ok("GET", "/api/plan")
        assert plan["project"] is None
        status, _, body = client.send("POST", "/api/apply", {"revision": plan["revision"]})
        assert status == 409
        assert "--project" in body["error"]
        change = {"amendments": {node(plan, "stg_crm__customers")["id"]: {"description": "Who calls."}}, "rejected": []}
        plan = client.ok("POST", "/api/changes", change)
        client.ok("POST", "/api/save", {"revision": plan["revision"]})
    action = load_plan(tmp_path / "plan.json").plan.action("stg_crm__customers")
    assert action is not None
    assert action.description == "Who calls."


def test_existing_models_stand_in_the_graph_and_yaml_is_a_diff(tmp_path: Path):
    files = {path: text for path, text in PROJECT.items() if "/marts/" not in path}
    project = write_project(tmp_path / "shop", files)
    saved = planned(project)
    with review_server(saved, tmp_path, project) as server:
        client = Client(server).enter()
        plan = client.ok("GET", "/api/plan")
        assert {entry["name"] for entry in plan["existing"]} >= {"stg_crm__customers"}
        source = next(node for node in plan["nodes"] if node["layer"] == "sources")
        (file,) = client.ok("GET", f"/api/step/{source['id']}")["files"]
        assert file["operation"] == "insert"
        assert "+      - name: tickets" in file["diff"]
        assert not [line for line in file["diff"].splitlines()[2:] if line.startswith("-")]
