"""Secrets never reach a message, in whatever form they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.domain.masking import masked, passwords_in, secrets_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:secret@host:5432/db", "postgresql://me:***@host:5432/db"),
        (
            "postgresql+psycopg://me:p%40ss:word@host/db?sslmode=require",
            "postgresql+psycopg://me:***@host/db?sslmode=require",
        ),
        ("postgresql://me:se@cret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:a/b#c@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        (
            "snowflake://me:x@acc/db?warehouse=w&private_key_passphrase=abc",
            "snowflake://me:***@acc/db?warehouse=w&private_key_passphrase=***",
        ),
        ("postgresql:///db?user=me&PASSWORD=abc&host=h", "postgresql:///db?user=me&PASSWORD=***&host=h"),
        ("connecting to mysql://a:b@c/d failed", "connecting to mysql://a:***@c/d failed"),
        ("snowflake://u:p@w/x?y and mysql+pymysql://a:b%40c@h", "snowflake://u:***@w/x?y and mysql+pymysql://a:***@h"),
        ("md:my_db?motherduck_token=abc.def", "md:my_db?motherduck_token=***"),
        ("az://c/f?sv=1&sig=abc%3D", "az://c/f?sv=1&sig=***"),
        ("/home/me/shop.duckdb", "/home/me/shop.duckdb"),
        ("host=db password=hunter2 user=ann", "host=db password=*** user=ann"),
        ("host=db password='two words' user=ann", "host=db password='***' user=ann"),
        ("PGPASSWORD=hunter2 dbt run", "PGPASSWORD=*** dbt run"),
        ("      password: hunter2\n      port: 5432", "      password: ***\n      port: 5432"),
        ('{"api_key": "abc123", "model": "m"}', '{"api_key": "***", "model": "m"}'),
        ("key " + "-".join(("sk", "x" * 24)) + " refused", "key *** refused"),
        ("databricks://token:abc@host/c: no warehouse", "databricks://token:***@host/c: no warehouse"),
        ("with ?credentials_path= in it", "with ?credentials_path= in it"),
        ("?credentials_path=a.json&private_key_file_pwd=abc", "?credentials_path=a.json&private_key_file_pwd=***"),
        ("see https://example.com/a:b@c", "see https://example.com/a:b@c"),
        ("the token bucket is empty", "the token bucket is empty"),
        ("1200 tokens: 300 in, design: 3 tables, tokens=5", "1200 tokens: 300 in, design: 3 tables, tokens=5"),
    ],
)
def test_masked(text: str, shown: str):
    assert masked(text) == shown
    assert masked(shown) == shown


def test_values_that_are_known_to_be_secret():
    variables = {"OPENAI_API_KEY": "canary-4711", "DB_PASSWORD": "canary-47", "SOME_TOKEN": "on", "HOME": "/home/ann"}
    variables["PWD"] = variables["OLDPWD"] = "/home/ann"
    assert masked("canary-4711 canary-47 on /home/ann", secrets_of(variables)) == "*** *** on /home/ann"


def test_the_password_of_a_url_is_masked_wherever_it_stands():
    secrets = passwords_in(["plan", "mysql://ann:can%40ry-77@db/shop", "snowflake://ann@x/y?token=canary-88"])
    assert masked("access denied for ann with can@ry-77, can%40ry-77, canary-88", secrets) == (
        "access denied for ann with ***, ***, ***"
    )


@given(st.from_regex(r"[A-Za-z0-9!$%&*+._~#?/@-]{6,30}", fullmatch=True), st.text(max_size=20))
def test_a_password_in_a_url_never_survives(password: str, around: str):
    shown = masked(f"{around} postgresql://ann:{password}@db.internal/shop {around}")
    assert f"ann:{password}" not in shown
    assert "ann:***@db.internal/shop" in shown


@given(st.text(alphabet="abcdefgh._-=:@/ \n'\"{}passwordtokn", max_size=3000))
def test_any_text_is_masked_at_once_and_for_good(text: str):
    shown = masked(text)
    assert masked(shown) == shown
