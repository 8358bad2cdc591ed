"""Progress on stderr: a moving line on a terminal, plain lines elsewhere, nothing after `--quiet`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cartridge.cli.output import Output, printable

if TYPE_CHECKING:
    from rich.status import Status

SHOWN_FROM = 0.1
"""Seconds; shorter times are not worth a reader's eye."""
RATED_FROM = 1.0
"""Seconds; a rate that is reckoned earlier jumps about."""


class Step:
    """One step of a command under way. Call it with what is being done now; `done` says how it ended."""

    def __init__(self, output: Output, title: str) -> None:
        self.title = title
        self.result = ""
        self._output = output
        self._status: Status | None = None
        self._start = time.monotonic()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """A `domain.progress.Progress`: what is being done now, on a terminal only, for a log needs no moving line."""
        if self._status:
            count = f" {done:,} of {total:,}{self._rate(done)}" if total else ""
            self._status.update(printable(f"{self.title}: {what}{count}"))

    def _rate(self, done: int) -> str:
        """How many a second, once that says something."""
        seconds = time.monotonic() - self._start
        if seconds < RATED_FROM or done < 2:
            return ""
        rate = done / seconds
        return f", {rate:,.0f} a second" if rate >= 2 else f", {60 * rate:,.0f} a minute"

    def done(self, result: str) -> None:
        """What to say of the step once it is over."""
        self.result = result


@contextmanager
def step(output: Output, title: str) -> Iterator[Step]:
    """Show a step while the block runs, and its result and time when it is over.

    Where the block raises there is no result: the error speaks for itself.
    """
    current = Step(output, title)
    if output.settings.quiet:
        yield current
        return
    start = time.monotonic()
    if sys.stderr.isatty():
        with output.console(sys.stderr).status(printable(title)) as status:
            current._status = status
            yield current
        current._status = None
        output.note(f"{title}: {_ending(current, start)}")
        return
    click.echo(printable(f"{title} ... "), err=True, nl=False)
    try:
        yield current
    except BaseException:
        click.echo(err=True)
        raise
    output.note(_ending(current, start))


def _ending(ended: Step, start: float) -> str:
    seconds = time.monotonic() - start
    took = f" ({seconds:.1f} s)" if seconds >= SHOWN_FROM else ""
    return f"{ended.result or 'done'}{took}"
