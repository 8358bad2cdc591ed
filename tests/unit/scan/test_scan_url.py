"""Secrets in URLs never reach a message."""

from __future__ import annotations

import pytest

from cartridge.scan import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        (
            "postgresql+psycopg://me:p%40ss:word@host/db?sslmode=require",
            "postgresql+psycopg://me:***@host/db?sslmode=require",
        ),
        ("postgresql://me:se@cret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        (
            "snowflake://me:x@acc/db?warehouse=w&private_key_passphrase=abc",
            "snowflake://me:***@acc/db?warehouse=w&private_key_passphrase=***",
        ),
        ("postgresql:///db?user=me&PASSWORD=abc&host=h", "postgresql:///db?user=me&PASSWORD=***&host=h"),
        ("connecting to mysql://a:b@c/d failed", "connecting to mysql://a:***@c/d failed"),
        ("md:my_db?motherduck_token=abc.def", "md:my_db?motherduck_token=***"),
        ("/home/me/shop.duckdb", "/home/me/shop.duckdb"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown
