"""A corpus of hostile text by rule, and DuckDB databases that are full of it.

Every text stands once as the name of a table, and again as the name of a column, the comment of a table and the comment
of a column. Nothing is left to chance: the same corpus on every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

import duckdb

SECRET_NAME = "HOSTILE_SECRET"
SECRET = "canary-3b9f41d27c"
"""The value of an environment variable that dbt gets and no file may show."""

CANARY_TABLE = "canary_table"
CANARY_FILE = "canary_file.txt"
"""What a name or a comment that is executed would leave behind."""

SIZE = 1_200

_JINJA = (
    f"{{{{ env_var('{SECRET_NAME}') }}}}",
    f'{{{{ env_var("{SECRET_NAME}", "x") }}}}',
    f"env_var('{SECRET_NAME}')",
    f"{{%- set x = env_var('{SECRET_NAME}') -%}}{{{{- x -}}}}",
    f"{{{{ run_query('create table main.{CANARY_TABLE} as select 1') }}}}",
    f"{{% do run_query(\"copy (select 1) to '{CANARY_FILE}'\") %}}",
    f"{{% call statement('x') %}}create table main.{CANARY_TABLE} as select 1{{% endcall %}}",
    f"{{{{ config(post_hook='create table main.{CANARY_TABLE} as select 1') }}}}",
    f"{{{{ log(env_var('{SECRET_NAME}'), info=True) }}}}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ exceptions.raise_compiler_error('hostile') }}",
    "{{ 1 / 0 }}", "{{ missing_variable }}", "{{ x", "x }}", "{{", "}}", "{%", "%}", "{#", "#}", "{{}}", "{%%}",
    "{##}",
    "{{ }}", "{% %}", "{# #}", "{ {", "{{{", "{{{{", "{{{ x }}}", "{{{%", "{%{{", "{-{", "{%- x -%}", "{#- x -#}",
    "{% raw %}", "{% endraw %}", "{% raw %}{{ x }}{% endraw %}", "{% raw %}{% endraw %}{{ x }}",
    "{% if true %}", "{% endif %}", "{% for x in y %}", "{% macro m() %}{% endmacro %}", "{% block x %}",
    "{% docs orders %}{% enddocs %}", "{% enddocs %}", "{% test t(model) %}{% endtest %}",
    "{% snapshot s %}{% endsnapshot %}", "{% materialization m, default %}", "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{{ ref('missing') }}", "{{ source('a', 'b') }}", "{{ doc('missing') }}", "{{ var('missing') }}", "{{ this }}",
    "ref('missing')", "source('a', 'b')", "doc('missing')", "var('missing')", "{{ config(alias='x') }}",
    "{{ adapter.drop_schema('main') }}", "{{ '}}' }}", "{{ \"{% endraw %}\" }}", "{{ '{{' }}", "{# {{ #} x }}",
    "{{ target.password }}", "{{ builtins }}", "{{ graph }}", "{{ fromyaml('a: &a [*a]') }}", "{{ return(1) }}",
)  # fmt: skip

_SQL = (
    "'; drop table x; --", '"; drop table x; --', "x'y", 'x"y', "x`y", "''", '""', "``", "'", '"', "`", "\\",
    "\\\\", "\\'",
    '\\"', "\\n", "--", "-- x", "x -- y", "/*", "*/", "/* x */", "*/ x", "x /* y", ";", "x;y", ";;", "$", "$$",
    "$1", "$$x$$",
    "$x$ y $x$", ":x", "::int", "?", "%", "%s", "%(x)s", "%%", "@x", "@@x", "#x", "# x", "x#y", "[x]", "[", "]",
    "(x)", "(", ")",
    "()", "x,y", ",", "x.y", ".x", "x.", "a.b.c", "..", "...", "x y", "x=y", "=", "<>", "<=>", "|", "||", "&&",
    "!", "!=", "~",
    "^", "+", "-", "*", "/", "x*", "x/y", "x-y", "x+y", "E'\\n'", "U&'x'", "x'00'", "1=1", "1; select 1",
    "select 1",
    "select * from x", "union all", "null", "x is null", "0", "1", "-1", "1.5", "1e10", "007", "1_000", "0x1F",
    "1st", "9lives",
    "2024-01-01", "2024", "12:30:45", "_", "__", "_x", "x_", "__x__", "x__y", "___",
)  # fmt: skip

_YAML = (
    "&a", "*a", "&a x", "*a x", "<<: *a", "<<", "a: b", "a:", ": a", "a : b", "- a", "-", "- - a", "? a", "?",
    "! a", "!!str x",
    f"!!python/object/apply:os.system ['touch {CANARY_FILE}']", "!!python/object:x.y {}", "!!python/name:os.system",
    f"!!python/object/new:os.system ['touch {CANARY_FILE}']", "!!binary x", "!!set {a}", "!!null", "!include x",
    "!<tag:x> y",
    "# comment", "a # b", "a #b", "a# b", "|", ">", "|-", ">-", "|+", "| x", "> x", "@a", "`a`", "%TAG ! x",
    "%YAML 1.1", "---",
    "--- a", "... a", "---\na: b", "null", "Null", "NULL", "~", "yes", "no", "Yes", "on", "off", "y", "n",
    "true", "False",
    ".inf", "-.inf", ".nan", "0o14", "0b1", "1:30", "+1", "1,000", "=", "{a: b}", "{a}", "[a, b]", "[a", "{a",
    "a]", "a}",
    "{a: b", "a, b", "'a", '"a', "'a'", '"a"', "a: 'b", "key: |\n  text", "key: >\n  text", "- a\n- b",
    "a:\n- b", "\ta", "a\tb",
    " a", "a ", "  a  ", "a  b", "a\n", "\na", "a\n\nb", "a\n b", "a\n  b\n c", "version: 2", "models:",
    "sources: []",
    "  - name: x", "name: x\n    identifier: y", "description: >-",
)  # fmt: skip

_PATHS = (
    "../", "../x", "../../etc/passwd", "../../../../tmp/x", "/etc/passwd", "/", "//", "/x", "x/", "x/y", "./x",
    ".", "x/../y",
    "..\\x", "C:\\x", "C:", "C:x", "\\\\server\\share", "~", "~/x", "~root", "$HOME", "${HOME}",
    "%USERPROFILE%", "`id`", "$(id)",
    "x.sql", "x.yml", ".git", ".git/config", "dbt_project.yml", "profiles.yml", "models/x", "models", "target",
    "logs", "x|y",
    "x>y", "x<y", "x?y", "x*y", "x:y", "x&y", "file:///etc/passwd", "http://x.y/z", "x%2e%2e", "%2e%2e%2f",
    "con.sql", "nul.txt",
    "com1.yml", "x\x00.sql", "|id", "> x", "-rf", "--help", ".hidden", "x. ", " .",
)  # fmt: skip

_UNICODE = (
    "äöüß", "ÄÖÜ", "straße", "STRASSE", "Straße", "café", "cafe\u0301", "Ünïcödé", "ﬁle", "Æther", "Øre",
    "łódź", "ıstanbul", "İstanbul",
    "naïve", "日本語", "顧客", "注文", "客户", "고객", "заказы", "ЗАКАЗЫ", "πελάτης", "ΟΔΟΣ", "οδος", "הזמנות", "طلبات",
    "ग्राहक", "ลูกค้า",
    "😀", "😀😀", "orders 😀", "🇩🇪", "👨‍👩‍👧", "👍🏽", "❤️", "☃", "→", "∑", "∞", "€", "£", "µ", "²", "½", "№", "™",
    "©", "…", "—", "–", "“x”", "‘x’", "«x»",
    "\u200eorders", "\u200forders", "\u202eorders", "orders\u202cx", "\u202dx", "\u2066x\u2069",
    "\u2067x\u2069", "x\u2068y",
    "\u200bx", "x\u200by", "x\u200cy", "x\u200dy", "\u2060x", "\ufeffx", "x\ufeff", "\u00adx", "x\u034fy",
    "\u061cx", "\u180ex",
    "\u00a0x", "x\u00a0y", "x\u2003y", "x\u3000y", "x\u2028y", "x\u2029y", "x\u0085y", "\u200b", "\u00a0",
    "\u3000", "\u2003", "\u2800",
    "\ufeff", "\u200e\u200f", "\u202e", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U000f0000", "\U0010ffff",
    "\U0001d4d0", "ＡＢＣ", "ａｂｃ",
    "１２３", "Ⅳ", "①", "ﷺ", "Z\u0351\u036b\u0343a\u0329\u034el\u0356g\u033co", "a\u0308", "\u0308", "\u20dd", "ǅ",
    "ß", "ẞ", "ſ", "K", "Å", "Å",
    "аdmin", "раypal", "ο", "\U000e0001x", "\U000e0041", "𝐨𝐫𝐝𝐞𝐫𝐬", "ᴏʀᴅᴇʀs", "¼ cup", "x̄", "o͡rders",
)  # fmt: skip

_CONTROL = (
    *(f"x{chr(code)}y" for code in range(0x20)),
    "\x7fx", "x\x80y", "x\x9fy", "\x00", "\x00\x00", "\x00x", "x\x00", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07",
    "\r", "\n", "\r\n",
    "\t", "x\r\ny", "x\ry\nz", "\rx", "x\r", "x\n\n", "\x0b", "\x0c", "\x08x", " ", "   ", "\t\t", "\n\n",
)  # fmt: skip

_WORD_LIST = """
    select SELECT from where table order group user Order Group User index key primary foreign references default
    check constraint case when then else end join left right inner outer full cross natural using on union all
    distinct limit offset fetch with as and or not in is null like between exists any some create alter drop
    insert update delete values set into grant revoke begin commit rollback transaction view schema database
    column row rows cast array window over partition by having asc desc true false current_date current_user
    session_user pivot unpivot qualify lateral recursive integer varchar date timestamp interval time text double
    this model models source sources ref config var env_var target dbt dbt_project dbt_utils macros macro seed
    seeds snapshot snapshots tests test data_tests analyses exposures metrics semantic_models groups packages
    profiles manifest catalog graph builtins adapter context api flags log return run_query execute modules
    exceptions if elif else endif for endfor in is not and or block endblock extends include import call filter
    raw endraw autoescape loop self super caller varargs kwargs range dict lipsum cycler joiner namespace None
    True False def class lambda import pass global yield async await nonlocal assert del try except finally raise
    y n yes no on off null nan inf version name description columns tables identifier quoting freshness meta tags
    con prn aux nul com1 com9 lpt1 lpt9 CON Nul COM1 conin$ conout$ clock$ com0 con.x aux.h source_ renamed final
    joined unioned aggregated bounds spans days digits numbers base_ stg_ int_ fct_ dim_ stg_x dim_date dim_dates
    fct_orders stg_orders warehouse main memory system temp public information_schema pg_catalog sqlite_master
    duckdb_tables information__schema __dbt_tmp x__dbt_tmp x__dbt_backup dbt_cloud dbt_internal id ID Id iD _id
    id_ rowid oid ctid xmin _airbyte_x _dlt_id _fivetran_synced __typename constructor prototype __proto__
    __class__ __init__ toString undefined NaN eval exec os sys subprocess
"""

_FOLDED = (
    "order id", "Order Id", "order-id", "order.id", "orderId", "OrderID", "ORDER_ID", "order__id", "order_id",
    "_order_id", "order_id_",
    "order  id", "order/id", "order:id", "(order) id", "order#id", "customer", "customers", "Customer",
    "Customers", "CUSTOMER",
    "customer_", "customers!", "address", "addresses", "adress", "data", "datum", "status", "statuses", "stati",
    "person", "people",
    "x1", "x_1", "x-1", "x 1", "1x", "1_x", "table_1", "table_1x", "order_table", "select_table", "a_b", "a b",
    "a-b", "A B", "aB", "AB", "a.b",
)  # fmt: skip

_LENGTHS = tuple(
    (piece * length)[:length]
    for length in (62, 63, 64, 65, 128, 199, 200, 201, 255, 256, 300)
    for piece in ("a", "ab_", "long name ", "ü", "😀", "_", "é", "Z", "9", "-", "x{{ y }} ", "customer_order_")
)
_BEGINNING = ("shared_beginning_of_many_names_" * 4)[:100]
_LONG = tuple(
    chain(
        (_BEGINNING + end for end in ("1", "2", "x", "\n", "{{ x }}", "'", "é")),
        (piece * (10_000 // len(piece)) for piece in ("a", "x ", "{{ x }} ", "é", "😀", "'", '"', "\\", "a\n", "..")),
    )
)

_HOSTS = (
    "orders {}",
    "{} id",
    "x{}y",
    "{}{}",
    "_{}",
    "{}\n{}",
    '"{}"',
    "'{}'",
    "`{}`",
    "({})",
    "{}.{}",
    "é{}",
    "{} ",
    "A{}1",
)
"""What a hostile text is put into to make another one."""


def corpus() -> tuple[str, ...]:
    """Twelve hundred different texts: those above, then each of the dangerous ones within something else."""
    plain = chain(_JINJA, _SQL, _YAML, _PATHS, _UNICODE, _CONTROL, _WORD_LIST.split(), _FOLDED, _LENGTHS, _LONG)
    return tuple(islice(dict.fromkeys(chain(plain, _combined())), SIZE))


def _combined() -> Iterator[str]:
    payloads = [
        text for group in zip(_JINJA, _SQL, _YAML, cycle(_PATHS), cycle(_UNICODE), strict=False) for text in group
    ]
    for payload, host in zip(payloads, cycle(_HOSTS), strict=False):
        yield host.replace("{}", payload)


@dataclass(frozen=True)
class HostileTable:
    """A table of the corpus: its first column is its key, its others hold the text "value"."""

    schema: str
    name: str
    comment: str
    columns: tuple[str, ...]
    comments: tuple[str, ...]
    """Those of the columns, in their order."""
    parent: str | None = None
    """The table of the same schema whose key its key refers to."""


SCHEMAS = (
    "main",
    "sales data",
    "sales_data",
    "{{ schema }}",
    "../x",
    "'; drop",
    'we"ird',
    "select",
    "1st",
    "é",
    "null",
    "😀",
)


def databases(count: int, texts: Sequence[str]) -> list[list[HostileTable]]:
    """The texts as tables, spread over `count` databases so that no two names of one schema fold into one."""
    found: list[list[HostileTable]] = [[] for _ in range(count)]
    used: list[set[tuple[str, str]]] = [set() for _ in range(count)]
    for place, text in enumerate(texts):
        at = place % count
        schema = SCHEMAS[(place // count) % 29] if (place // count) % 29 < len(SCHEMAS) else "main"
        while (schema, text.lower()) in used[at]:
            at = (at + 1) % count
        used[at].add((schema, text.lower()))
        siblings = [table.name for table in found[at] if table.schema == schema]
        found[at].append(_table(schema, place, texts, siblings[-1] if siblings and place % 3 == 0 else None))
    return found


def _table(schema: str, place: int, texts: Sequence[str], parent: str | None) -> HostileTable:
    size = len(texts)
    wanted = [texts[(place * step + offset) % size] for step, offset in ((1, 1), (1, 7), (3, 0), (5, 2))]
    columns = tuple({text.lower(): text for text in wanted}.values())
    comments = tuple(texts[(place + 11 * (number + 1)) % size] for number in range(len(columns)))
    return HostileTable(schema, texts[place], texts[(place + 3) % size], columns, comments, parent)


def quoted(name: str) -> str:
    """A name in SQL's double quotes."""
    return '"' + name.replace('"', '""') + '"'


def value(text: str) -> str:
    """A text in SQL's single quotes."""
    return "'" + text.replace("'", "''") + "'"


def create(path: Path, tables: Sequence[HostileTable]) -> Path:
    """The tables as a DuckDB file, each with two rows: keys 1 and 2, values that name their column's place."""
    with duckdb.connect(str(path)) as connection:
        for schema in dict.fromkeys(table.schema for table in tables):
            connection.execute(f"create schema if not exists {quoted(schema)}")
        keys: dict[tuple[str, str], str] = {}
        for table in tables:
            _create(connection, table, keys)
            keys[table.schema, table.name] = table.columns[0]
    return path


def _create(connection: duckdb.DuckDBPyConnection, table: HostileTable, keys: dict[tuple[str, str], str]) -> None:
    relation = f"{quoted(table.schema)}.{quoted(table.name)}"
    parts = [
        f"{quoted(table.columns[0])} bigint primary key",
        *(f"{quoted(name)} varchar" for name in table.columns[1:]),
    ]
    if table.parent is not None:
        target = f"{quoted(table.schema)}.{quoted(table.parent)} ({quoted(keys[table.schema, table.parent])})"
        parts.append(f"foreign key ({quoted(table.columns[0])}) references {target}")
    connection.execute(f"create table {relation} ({', '.join(parts)})")
    for key in (1, 2):
        row = ", ".join([str(key), *(value(f"{key}/{place}") for place in range(1, len(table.columns)))])
        connection.execute(f"insert into {relation} values ({row})")
    connection.execute(f"comment on table {relation} is {value(table.comment)}")
    for name, comment in zip(table.columns, table.comments, strict=True):
        connection.execute(f"comment on column {relation}.{quoted(name)} is {value(comment)}")
