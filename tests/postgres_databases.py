"""Databases made on a PostgreSQL server of the tests."""

from __future__ import annotations

import re

import psycopg

from shared_data import shared


def database(server: str, name: str, script: str) -> str:
    """A new database on the server at that URL, with what the script makes; answers its own URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    url = server.removesuffix("postgres") + name
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)
    return url


def chinook_postgres(server: str, name: str = "chinook") -> str:
    """Chinook (11 tables and their rows)."""
    script = shared("databases/chinook.postgresql.sql").read_text(encoding="utf-8-sig")
    return database(server, name, re.sub(r"(?m)^\s*(DROP DATABASE|CREATE DATABASE|\\c).*$", "", script))


def pagila_script() -> str:
    """Pagila's tables, without rows. It is written for a newer server with an extension: what an older one lacks is
    replaced."""
    script = shared("databases/pagila.schema.postgresql.sql").read_text()
    script = re.sub(r"(?m)^(CREATE EXTENSION|COMMENT ON EXTENSION|CREATE INDEX .* USING hnsw).*$", "", script)
    script = re.sub(r"(public\.)?vector\(\d+\)", "text", script).replace(") VIRTUAL", ") STORED")
    script = "create function public.uuidv7() returns uuid language sql as 'select gen_random_uuid()';" + script
    return script.replace("uuidv7() NOT NULL", "public.uuidv7() NOT NULL")
