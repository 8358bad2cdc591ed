"""Credentials stay out of what is printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartridge.cli.masking import mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:s3cret@db:5432/shop", "postgresql://ann:***@db:5432/shop"),
        ("snowflake://u:p@w/x?y and mysql+pymysql://a:b%40c@h", "snowflake://u:***@w/x?y and mysql+pymysql://a:***@h"),
        ("postgresql://ann@db/shop", "postgresql://ann@db/shop"),
        ("host=db password=hunter2 user=ann", "host=db password=*** user=ann"),
        ('{"api_key": "abc123", "model": "m"}', '{"api_key": "***", "model": "m"}'),
        ("key " + "-".join(("sk", "x" * 24)) + " refused", "key *** refused"),
        ("see https://example.com/a:b@c", "see https://example.com/a:b@c"),
        ("the token bucket is empty", "the token bucket is empty"),
    ],
)
def test_known_forms(text: str, shown: str):
    assert mask(text, {}) == shown


def test_secrets_of_the_environment():
    variables = {"OPENAI_API_KEY": "canary-4711", "DB_PASSWORD": "canary-47", "SOME_TOKEN": "on", "HOME": "/home/ann"}
    variables["PWD"] = variables["OLDPWD"] = "/home/ann"
    assert mask("canary-4711 canary-47 on /home/ann", variables) == "*** *** on /home/ann"


@given(st.from_regex(r"[A-Za-z0-9!$%&*+._~#?-]{6,30}", fullmatch=True), st.text(max_size=20))
def test_a_password_in_a_url_never_survives(password: str, around: str):
    shown = mask(f"{around} postgresql://ann:{password}@db.internal/shop {around}", {})
    assert f"ann:{password}" not in shown
    assert "ann:***@db.internal/shop" in shown
