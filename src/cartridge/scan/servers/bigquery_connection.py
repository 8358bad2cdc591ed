"""BigQuery opened for its catalogue, and its complaints in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cartridge.errors import MissingExtraError, SourceError
from cartridge.scan.catalogue import Ask, Rows, each
from cartridge.scan.servers.connection import address, complaint

_QUERY_SECONDS = 120
_HINTS = {
    "default credentials": "Log in with `gcloud auth application-default login`, or name a key file in "
    "GOOGLE_APPLICATION_CREDENTIALS or with ?credentials_path= in the URL.",
    "no such file": "Check ?credentials_path= in the URL.",
    "access denied": "Ask for the roles BigQuery Metadata Viewer and BigQuery Job User.",
    "permission": "Ask for the roles BigQuery Metadata Viewer and BigQuery Job User.",
    "not found": "Check project and dataset, and ?location= in the URL (US unless it says so).",
    "invalid project": "Check the project: its id, not its name or number.",
    "reauth": "Log in again with `gcloud auth application-default login`.",
    "timeout": "Check the network, or allow more time with ?timeout=SECONDS.",
    "timed out": "Check the network, or allow more time with ?timeout=SECONDS.",
    "retry": "Check the network, or allow more time with ?timeout=SECONDS.",
}


@dataclass(frozen=True)
class Place:
    """Where the tables are. `project` None: that of the credentials."""

    project: str | None
    dataset: str | None
    location: str


def place_of(url: str) -> Place:
    """The parts of `bigquery://PROJECT/DATASET?location=EU`."""
    where = address(url)
    return Place(where.host, where.database, where.options.get("location", "US"))


@contextmanager
def connected(url: str) -> Iterator[tuple[Ask, str]]:
    """A function that asks BigQuery, and the project. A query that is refused spoils only itself.

    Raises:
        SourceError: there are no credentials, or Google cannot be reached.
        MissingExtraError: Google's client is not installed.
    """
    try:
        from google.api_core import exceptions, retry  # noqa: PLC0415 - heavy, and an extra
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("A BigQuery source", "bigquery") from None
    where, place = address(url), place_of(url)
    seconds = where.seconds("timeout", _QUERY_SECONDS)
    try:
        path = where.options.get("credentials_path")
        options: dict[str, Any] = {"project": place.project, "location": place.location}
        make: Any = bigquery.Client.from_service_account_json if path else bigquery.Client
        with make(*([path] if path else []), **options) as client:

            def ask(query: str) -> Rows:
                patience = retry.Retry(timeout=seconds)
                rows = client.query_and_wait(query, wait_timeout=seconds, retry=patience)
                return [tuple(row.values()) for row in rows]

            yield each(ask, (exceptions.Forbidden, exceptions.BadRequest, exceptions.NotFound)), str(client.project)
    except (exceptions.GoogleAPIError, GoogleAuthError, OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise complaint(url, error, _HINTS, "Try the same project with the program bq.") from error


@contextmanager
def asking(url: str) -> Iterator[Ask]:
    """As `connected`, for who needs no project."""
    with connected(url) as (ask, _):
        yield ask
