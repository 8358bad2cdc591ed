"""What strangers' pages try in the same browser, while the review page is open beside them: they read nothing of the
plan, and do nothing with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cartridge.app.saved_plan import SavedPlan
from cartridge.review.page import BUILT
from cartridge.review.server import Server
from review_browser import STRANGER, chromium
from review_server import Client, review_server
from saved_plans import planned, scanned

ATTACK = """async (target) => {
  const read = async (path, options) => {
    try {
      const answer = await fetch(target + path, options);
      return answer.type === "opaque" ? "opaque" : `${answer.status} ${await answer.text()}`;
    } catch (fault) {
      return "refused";
    }
  };
  const json = { "Content-Type": "application/json" };
  const body = JSON.stringify({ revision: 1 });
  const found = {
    plan: await read("/api/plan"),
    page: await read("/"),
    keyed: await read("/api/plan", { headers: { "X-Cartridge-Key": "guess" } }),
    apply: await read("/api/apply", { method: "POST", headers: json, body }),
    simple: await read("/api/apply", { method: "POST", mode: "no-cors", body }),
    session: await read("/api/session", { method: "POST", mode: "no-cors", body: JSON.stringify({ token: "guess" }) }),
  };
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: target + "/api/apply", enctype: "text/plain", target: "sink" });
  const field = document.createElement("input");
  Object.assign(field, { name: '{"revision": 1, "x": "', value: '"}' });
  form.append(field);
  const sink = document.createElement("iframe");
  const framed = document.createElement("iframe");
  sink.name = "sink";
  document.body.append(sink, form, framed);
  const loaded = (frame) => new Promise((done) => (frame.onload = done));
  const sent = loaded(sink);
  form.submit();
  await sent;
  const shown = loaded(framed);
  framed.src = target + "/";
  await shown;
  const script = document.createElement("script");
  const ran = new Promise((done) => { script.onload = () => done("ran"); script.onerror = () => done("refused"); });
  script.src = target + "/page.js";
  document.body.append(script);
  found.script = await ran;
  return found;
}"""


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title><body></body>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def other_page() -> Iterator[int]:
    """The port of a server of somebody else's page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as served:
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        yield served.server_address[1]
        served.shutdown()


@pytest.fixture(scope="module")
def saved() -> SavedPlan:
    return planned(None, scanned("crm.customers(id pk, name)"))


@pytest.fixture(scope="module")
def browser(saved: SavedPlan) -> Iterator[Any]:
    """Once it runs, a loop of its own runs in this thread: the plan is made before."""
    with chromium() as started:
        yield started


@pytest.fixture
def server(saved: SavedPlan, tmp_path: Path) -> Iterator[Server]:
    with review_server(saved, tmp_path, tmp_path / "shop", built=BUILT) as started:
        yield started


@pytest.mark.parametrize("host", [STRANGER, "localhost", "127.0.0.1"])
def test_a_page_of_another_site_or_port_reads_and_does_nothing(browser: Any, server: Server, tmp_path: Path, host: str):
    context = browser.new_context()
    own = context.new_page()
    own.goto(server.guard.link)
    own.locator(".node").first.wait_for()
    target = f"http://127.0.0.1:{server.server_address[1]}"
    with other_page() as port:
        page = context.new_page()
        page.goto(f"http://{host}:{port}/")
        found = page.evaluate(ATTACK, target)
        frames = [frame for frame in page.frames if frame != page.main_frame]
        assert not [frame for frame in frames if "cartridge review" in frame.content()], "it is shown in no frame"
    opaque = {name for name, said in found.items() if said == "opaque"}
    assert opaque <= {"simple", "session"}, "what is sent without asking first; nothing of the answer can be read"
    assert {said for name, said in found.items() if name not in opaque} == {"refused"}
    own.reload()
    own.get_by_role("button", name="Apply", exact=True).wait_for()
    assert not (tmp_path / "shop").exists()
    context.close()


def test_a_name_that_was_rebound_to_this_machine_shows_nothing(browser: Any, server: Server):
    """To the browser the attacker's name is one origin, whatever machine answers: the server tells by the Host."""
    token = server.guard.link.partition("#")[2]
    page = browser.new_page()
    answer = page.goto(f"http://{STRANGER}:{server.server_address[1]}/#{token}")
    assert answer.status == 403
    said = page.evaluate("fetch('/api/plan').then((answer) => answer.text())")
    assert "Another host was asked for" in said
    sent = page.evaluate(
        """(token) => fetch("/api/session", {method: "POST", headers: {"Content-Type": "application/json"},
           body: JSON.stringify({token})}).then((answer) => answer.status)""",
        token,
    )
    assert sent == 403
    page.close()
    assert Client(server).enter().ok("GET", "/api/plan")["nodes"], "the link is still good"


def test_without_the_link_there_is_a_page_and_no_plan(browser: Any, server: Server):
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
    page.get_by_text("Open the page by the link").wait_for()
    assert page.locator(".node").count() == 0
    page.goto(server.guard.link + "x")
    page.get_by_text("This link was used before, or is not whole").wait_for()
    assert page.locator(".node").count() == 0
    page.close()
