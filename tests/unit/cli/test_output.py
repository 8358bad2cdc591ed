"""Who gets what: data on stdout, progress on stderr, colours only where a person looks."""

from __future__ import annotations

import io
import json
import re
import time

import pytest
from rich.table import Table
from rich.text import Text

from cartridge.cli.output import Output, envelope, printable
from cartridge.cli.progress import step
from cartridge.cli.settings import Settings, settings_from


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    return Terminal()


def shown(stream: io.StringIO, settings: Settings) -> str:
    Output(settings).console(stream).print(Text("fct_orders", style="name"))
    return stream.getvalue()


def test_colours_on_a_terminal(terminal: Terminal):
    assert "\x1b[1;36mfct_orders" in shown(terminal, Settings())


def test_no_color_option(terminal: Terminal):
    assert shown(terminal, Settings(no_color=True)) == "fct_orders\n"


def test_no_color_variable(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(terminal, Settings()) == "fct_orders\n"
    assert settings_from([]).no_color


def test_no_colours_in_a_file():
    assert shown(io.StringIO(), Settings()) == "fct_orders\n"


def test_text_is_left_out_where_json_is_asked_for(capsys: pytest.CaptureFixture[str]):
    output = Output(Settings(json=True))
    output.print("for a person")
    output.document("scan", {"tables": 3})
    assert json.loads(capsys.readouterr().out) == {"format": "cartridge-scan", "version": 1, "tables": 3}


def test_envelopes_keep_other_alphabets_readable():
    assert "Zürich" in envelope("scan", {"city": "Zürich"})


def test_steps_leave_plain_lines_where_nobody_looks(capsys: pytest.CaptureFixture[str]):
    with step(Output(Settings()), "Reading shop.duckdb") as reading:
        reading("customers", 3, 17)
        reading.done("17 tables")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "Reading shop.duckdb ... 17 tables\n"


def test_quiet_steps_say_nothing(capsys: pytest.CaptureFixture[str]):
    with step(Output(Settings(quiet=True)), "Reading") as reading:
        reading.done("17 tables")
    assert capsys.readouterr() == ("", "")


def test_a_step_that_fails_claims_nothing(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(RuntimeError), step(Output(Settings()), "Reading"):
        raise RuntimeError
    assert capsys.readouterr().err == "Reading ... \n"


def test_steps_on_a_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stderr", terminal)
    with step(Output(Settings()), "Reading") as reading:
        reading("customers", 3, 17)
        while "Reading: customers 3 of 17" not in terminal.getvalue():
            time.sleep(0.01)  # the line is drawn a few times a second
        reading.done("17 tables")
    assert re.search(r"Reading: 17 tables( \(\d+\.\d s\))?\n$", terminal.getvalue())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("bell\x07", "bell\\x07"),
        ("\x1b]8;;", "\\x1b]8;;"),
        ("é–", "é–"),
    ],
)
def test_control_characters_become_visible(text: str, expected: str):
    assert printable(text) == expected


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(["plan", "--json"], "json"), (["-q"], "quiet"), (["x", "-v"], "verbose"), (["--no-color"], "no_color")],
)
def test_settings_are_read_from_a_raw_command_line(arguments: list[str], field: str):
    assert getattr(settings_from(arguments), field)
    assert not getattr(settings_from(["--", *arguments]), field) or field == "no_color"


def test_no_line_ends_with_blanks_in_a_pipe(capsys: pytest.CaptureFixture[str]):
    grid = Table.grid(padding=(0, 1))
    grid.add_row("why", Text("a word and another " * 12))
    Output(Settings()).print(grid, "", "  indented")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert lines == [line.rstrip() for line in lines]
    assert lines[-2:] == ["", "  indented"]
