"""What other pages, other names and other programs of the machine try against the page is refused."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartridge.app.saved_plan import SavedPlan
from review_server import Client, review_server
from saved_plans import planned, scanned

READS = ("/api/plan", "/api/step/1", "/api/work")
WRITES = ("/api/changes", "/api/save", "/api/apply", "/api/verify", "/api/sandbox", "/api/undo")


@pytest.fixture(scope="module")
def saved() -> SavedPlan:
    return planned(None, scanned("crm.customers(id pk, name)"))


@pytest.fixture(scope="module")
def client(saved: SavedPlan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("review")
    with review_server(saved, folder, folder / "shop") as server:
        yield Client(server).enter()


def stranger(client: Client) -> Client:
    return Client(client.server)


def test_the_own_page_is_answered(client: Client):
    assert client.ok("GET", "/api/plan")["nodes"]


@pytest.mark.parametrize("path", READS)
def test_nothing_is_read_without_the_key(client: Client, path: str):
    for key in ("", "x" * 43, client.key[:-1], client.key + "x", "é" * 20):
        status, _, body = Client(client.server, key.encode().decode("latin-1")).send("GET", path)
        assert status == 401
        assert set(body) == {"error"}


@pytest.mark.parametrize("path", WRITES)
def test_nothing_is_done_without_the_key(client: Client, path: str):
    status, _, body = stranger(client).send("POST", path, {"revision": 1, "amendments": {}, "rejected": []})
    assert (status, set(body)) == (401, {"error"})


def test_a_link_opens_the_page_once(client: Client):
    link = client.server.guard.renew()
    token = link.partition("#")[2]
    for wrong in ("", token[:-1], token + "x", None, 1, [token]):
        assert stranger(client).send("POST", "/api/session", {"token": wrong})[0] == 401
    key = stranger(client).ok("POST", "/api/session", {"token": token})["key"]
    assert Client(client.server, key).ok("GET", "/api/plan")
    status, _, body = stranger(client).send("POST", "/api/session", {"token": token})
    assert status == 401
    assert "used before" in body["error"]


def test_a_new_link_makes_the_old_one_worthless(client: Client):
    old = client.server.guard.renew().partition("#")[2]
    client.server.guard.renew()
    assert stranger(client).send("POST", "/api/session", {"token": old})[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}",
                                  "127.0.0.1.evil.example:{port}", "localhost.:{port}", "0.0.0.0:{port}",
                                  ""])  # fmt: skip
def test_a_name_that_was_rebound_to_this_machine_is_refused(client: Client, host: str):
    """The attacker's page has the attacker's name, and that is what the browser says; even the key does not help."""
    host = host.format(port=client.server.server_address[1])
    for method, path in (("GET", "/"), ("GET", "/api/plan"), ("POST", "/api/session"), ("POST", "/api/apply")):
        status, _, body = client.send(
            method, path, {} if method == "POST" else None, Host=host, Origin=f"http://{host}"
        )
        assert status == 403, (method, path)
        assert set(body) == {"error"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1",
                                    "https://{host}", "http://{host}.evil.example",
                                    "http://localhost:{port}"])  # fmt: skip
def test_a_request_of_another_page_is_refused(client: Client, origin: str):
    origin = origin.format(host=client.host, port=client.server.server_address[1])
    for method, path in (("GET", "/"), ("GET", "/api/plan"), ("POST", "/api/session"), ("POST", "/api/apply")):
        assert client.send(method, path, {} if method == "POST" else None, Origin=origin)[0] == 403, (method, path)


def test_a_request_of_another_site_without_an_origin_is_refused(client: Client):
    """A link or an image on another page sends no Origin; the browser says where it stands all the same."""
    for site in ("cross-site", "same-site"):
        assert client.send("GET", "/api/plan", Origin="", Sec_Fetch_Site=site)[0] == 403
    assert client.send("GET", "/", Origin="", Sec_Fetch_Site="none")[0] == 200


def test_what_changes_something_names_its_page(client: Client):
    for path in (*WRITES, "/api/session"):
        assert client.send("POST", path, {}, Origin="")[0] == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_is_no_request(client: Client, kind: str):
    """A form of another page can send these without asking the server first."""
    assert client.send("POST", "/api/changes", {}, Content_Type=kind)[0] == 415


def test_no_other_page_is_allowed_to_ask(client: Client):
    status, headers, _ = client.send("OPTIONS", "/api/apply", Origin="https://evil.example")
    assert status == 501
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_every_answer_is_shut_in(client: Client):
    for method, path in (("GET", "/"), ("GET", "/page.js"), ("GET", "/api/plan"), ("GET", "/nothing"), ("PUT", "/"),
                         ("POST", "/api/nothing")):  # fmt: skip
        _, headers, _ = client.send(method, path, {} if method == "POST" else None)
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';"), path
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in headers
        assert "Python" not in headers.get("Server", "")


@pytest.mark.parametrize("path", ["/../plan.json", "/page/../../x", "/%2e%2e/plan.json", "/plan.json", "/api/step/../1",
                                  "//evil.example/api/plan", "/api/step/1e3",
                                  "/api/step/" + "9" * 30])  # fmt: skip
def test_no_other_file_is_served(client: Client, path: str):
    status, _, body = client.send("GET", path)
    assert status in (404, 409), body


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff\xfe", b"[" * 100_000, b'{"amendments": 1}',
                                  b'{"rejected": {}}', b'{"amendments": {"1": {"sql": "x"}}}', b'{"rejected": ["x"]}',
                                  b'{"amendments": {"1": {"name": 5}}}', b'{"rejected": [true]}', b'{"rejected": [-1]}',
                                  b'{"amendments": {"1": {"name": "' + b"x" * 20_000 + b'"}}}',
                                  b'{"rejected": [99]}'])  # fmt: skip
def test_a_body_of_another_shape_is_one_message(client: Client, body: bytes):
    status, _, answer = client.send("POST", "/api/changes", body)
    assert status in (400, 409), answer
    assert set(answer) == {"error"}
    assert "fault in cartridge" not in answer["error"]


def test_a_body_without_end_is_not_read(client: Client):
    assert client.send("POST", "/api/changes", b"", Content_Length="99999999")[0] == 413
    assert client.send("POST", "/api/changes", b"", Content_Length="-1")[0] == 411
    assert client.send("POST", "/api/changes", b"0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="")[0] == 411


def test_one_request_cannot_hide_another(client: Client):
    """What follows a refused request on its connection is not looked at."""
    body = json.dumps({"token": "x"}).encode()
    first = f"POST /api/session HTTP/1.1\r\nHost: evil.example\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    second = f"GET /api/plan HTTP/1.1\r\nHost: {client.host}\r\nX-Cartridge-Key: {client.key}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", client.server.server_address[1]), timeout=10) as connection:
        connection.sendall(first + second)
        said = b""
        while part := connection.recv(65536):
            said += part
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith(b"HTTP/1.1 403")


def test_it_listens_on_the_loopback_address_alone(client: Client):
    assert client.server.server_address[0] == "127.0.0.1"


def test_the_page_itself_holds_nothing_of_the_plan(client: Client, saved: SavedPlan):
    content = stranger(client).ok("GET", "/")
    assert not [action.name for action in saved.plan.actions if action.name.encode() in content]
    assert client.key.encode() not in content


def test_the_plan_file_is_no_way_in(client: Client, tmp_path: Path):
    """Saving writes the plan's own file; no request can name another."""
    plan = client.ok("GET", "/api/plan")
    before = sorted(tmp_path.rglob("*"))
    client.ok("POST", "/api/save", {"revision": plan["revision"], "file": str(tmp_path / "x.json")})
    assert sorted(tmp_path.rglob("*")) == before
