"""Words that cannot stand alone as a name: reserved in SQL, or devices in Windows file names."""

from __future__ import annotations

RESERVED_WORDS = frozenset(
    """
    all alter analyse analyze and any array as asc asymmetric begin between both by case cast check collate column
    comment constraint create cross current current_date current_time current_timestamp current_user default
    deferrable delete desc distinct do drop else end escape except exists extract false fetch filter float for foreign
    from full function grant group grouping groups having if ilike in index initially inner insert intersect interval
    into is isnull join lateral leading left like limit localtime localtimestamp merge natural no not notnull null of
    offset on only or order outer over overlaps partition pivot placing primary procedure qualify range references
    returning revoke right row rows select session_user set similar some symmetric table tablesample then time
    timestamp to top trailing trigger true truncate union unique unpivot update user using values view when where
    window with
    """.split()  # noqa: SIM905 - a list of words reads better than forty lines of strings
)
"""Reserved in PostgreSQL, DuckDB, Snowflake, BigQuery or Redshift, in lower case."""

DEVICE_NAMES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)
"""Windows opens a device for a file of this name, whatever its suffix."""
