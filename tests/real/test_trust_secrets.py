"""A canary for a password, in URL, environment and profile: then every command, in success and in failure. It is found
nowhere: not on the screen, not in a file, not in a log."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import yaml

from cartridge.cli import run
from cartridge.cli.commands import COMMANDS
from servers import postgres_server

CANARY = "c4n4ry/with@odd#signs%and+more"
SPELLINGS = (CANARY, quote(CANARY, safe=""), quote(CANARY), "c4n4ry")
ENVIRONMENT = {
    "PGPASSWORD": CANARY, "DBT_ENV_SECRET_TOKEN": CANARY, "OPENAI_API_KEY": CANARY, "AWS_SECRET_ACCESS_KEY": CANARY,
    "SNOWFLAKE_PASSWORD": CANARY, "GOOGLE_API_KEY": CANARY, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
}  # fmt: skip
AGAIN = Path(__file__).with_name("dbt_again.py")
SERVING = {"mcp", "review"}
"""Commands that do not end by themselves: their success is watched in tests of their own."""
TABLES = """
    create table customers (id integer primary key, name text not null);
    create table orders (id integer primary key, customer_id integer not null references customers (id), total numeric,
                         ordered_at timestamp not null);
    insert into customers values (1, 'Ann'); insert into orders values (1, 1, 2.5, '2024-01-01');
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that takes any password; its URL with the canary for one."""
    with postgres_server() as url:
        with psycopg.connect(url) as connection:
            connection.execute(TABLES)
        yield url.replace("secret-word", quote(CANARY, safe=""))


class Watch:
    """Runs commands, and looks for the canary in what they print and in what they leave behind."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.folder, self.screen = folder, screen
        self.tried: dict[str, set[bool]] = {}
        self.own: set[Path] = set()
        """Files that the test itself put the canary into."""
        self.dbt = folder / "dbt"
        """What dbt itself said, for the next time that it is asked."""

    def __call__(self, good: bool, line: str, *more: str) -> None:
        """Run a command line four ways; it must succeed, or fail, each time."""
        name = line.split(maxsplit=1)[0]
        for flags in ((), ("-v", "--json"), ("-v",), ("--json",)):
            code = run([*line.split(), *more, *flags])
            shown = self.screen.readouterr()
            assert (code == 0) == good, (line, code, self.hidden(shown.err))
            assert not self.found(shown.out + shown.err), (line, flags, self.hidden(shown.out + shown.err))
        self.tried.setdefault(name, set()).add(good)
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.own and self.dbt not in path.parents:
                assert not self.found(path.read_bytes().decode("latin-1")), (line, path)

    @staticmethod
    def found(text: str) -> bool:
        return any(spelling in text for spelling in SPELLINGS)

    @staticmethod
    def hidden(text: str) -> str:
        """Even a failure of this test prints no more than the surroundings."""
        return re.sub("c4n4ry", "<CANARY>", text)[-2000:]


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Watch:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return Watch(tmp_path, capsys)


def with_profile(watch: Watch, server: str) -> None:
    """A profile with the canary in plain text: a target that connects, one that does not, and one that is no target."""
    port = re.search(r":(\d+)/", server)
    assert port
    target = {"type": "postgres", "host": "127.0.0.1", "user": "postgres", "password": CANARY, "dbname": "postgres",
              "schema": "built", "port": int(port[1]), "threads": 1}  # fmt: skip
    name = yaml.safe_load((watch.folder / "shop/dbt_project.yml").read_text())["profile"]
    outputs = {"dev": target, "down": {**target, "port": 9}, "odd": {**target, "type": "oracle", "port": CANARY}}
    profile = watch.folder / "shop/profiles.yml"
    profile.write_text(yaml.safe_dump({name: {"target": "dev", "outputs": outputs}}))
    watch.own.add(profile)


def test_the_canary_is_found_nowhere(watch: Watch, server: str):
    good, bad = True, False
    down = re.sub(r":\d+/", ":9/", server)
    other = server.replace("/postgres", "/no_such_database")

    watch(good, f"scan {server} -o scan.json")
    for url in (down, other, f"{server}?sslmode=require", f"nosuch://ann:{CANARY}@h/d", f"mysql://ann:{CANARY}@127.0.0.1:9/d",
                f"snowflake://ann:{CANARY}@acc/db?token={CANARY}", f"/no/such?password={CANARY}"):  # fmt: skip
        watch(bad, f"scan {url}")
        watch(bad, f"plan {url}")
    watch(good, f"plan {server} --profile --name shop --project shop -o plan.json")
    watch(bad, f"plan {server} --ai openai -o ai.json")
    watch(good, f"load {server} shop.duckdb --overwrite")
    watch(bad, f"load {down} other.duckdb")
    watch(good, "show plan.json --diff")
    watch(bad, f"show postgresql://ann:{CANARY}@h/plan.json")
    watch(good, "explain fct_orders")
    watch(bad, "explain fct_oders")
    watch(good, "diff plan.json plan.json")
    watch(bad, "diff plan.json scan.json")
    watch(good, "check plan.json --project shop")
    watch(bad, "check --project nowhere")
    dbt, worst = (shlex.join([sys.executable, str(AGAIN), folder]) for folder in (str(watch.dbt), "tell"))
    watch(bad, "apply plan.json --project shop", "--dbt", worst)
    watch(bad, f"apply plan.json --project shop --source {down}")
    watch(good, f"apply plan.json --project shop --source {server}", "--dbt", dbt)
    watch(bad, "apply scan.json --project shop")
    watch(good, f"drift {server} --project shop")
    watch(bad, f"drift {down} --project shop")
    watch(good, "conventions --project shop")
    watch(bad, f"conventions --project /no/such?password={CANARY}")
    with_profile(watch, server)
    watch(bad, "verify shop", "--dbt", worst)
    for outcome, target in ((good, "dev"), (bad, "down"), (bad, "odd")):
        watch(outcome, f"verify shop --target {target}", "--dbt", dbt)
    watch(good, "sources")
    watch(bad, f"sources {server}")
    watch(good, "providers")
    watch(bad, f"providers --key {CANARY}")
    watch(good, "completion bash")
    watch(bad, "completion dos")
    watch(good, "undo --list --project shop")
    watch(bad, "undo --project nowhere")

    watch(bad, f"review plan.json --static /no/such?password={CANARY}")
    watch(bad, f"review postgresql://ann:{CANARY}@h/plan.json")
    watch(bad, f"mcp --source {server}")
    watch(bad, f"mcp --folder /no/such?password={CANARY}")

    left = {name: tried for name, tried in watch.tried.items() if tried != {True, False} and name not in SERVING}
    assert not left, left
    assert set(COMMANDS) - set(watch.tried) == {"demo"}, "a command is not watched; the demo takes no secret"
