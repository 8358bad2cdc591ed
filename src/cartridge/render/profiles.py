"""The profile of a generated project: every value that is secret or local comes from an environment variable."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cartridge.domain.plan import ExecutionPlan, ModelGenerationRequest, SourceDetail
from cartridge.domain.warehouse import Warehouse, warehouse_of
from cartridge.render import jinja_text
from cartridge.render.yaml_text import Value, document


@dataclass(frozen=True)
class EnvironmentVariable:
    """A variable that the generated profile reads. Without a `default` it must be set.

    `role`: "warehouse" is the path of the DuckDB file that dbt writes, "source" that of a file attached read-only under
    the alias `attached`, "connection" anything else that a warehouse wants to know.
    """

    name: str
    role: Literal["warehouse", "source", "connection"]
    default: str | None = None
    attached: str | None = None


_CONNECTIONS: dict[Warehouse, tuple[tuple[str, str, str | None], ...]] = {
    "postgres": (
        ("host", "POSTGRES_HOST", "localhost"),
        ("port", "POSTGRES_PORT", "5432"),
        ("user", "POSTGRES_USER", None),
        ("password", "DBT_ENV_SECRET_POSTGRES_PASSWORD", None),
        ("dbname", "POSTGRES_DATABASE", None),
        ("schema", "POSTGRES_SCHEMA", "analytics"),
    ),
    "redshift": (
        ("host", "REDSHIFT_HOST", None),
        ("port", "REDSHIFT_PORT", "5439"),
        ("user", "REDSHIFT_USER", None),
        ("password", "DBT_ENV_SECRET_REDSHIFT_PASSWORD", None),
        ("dbname", "REDSHIFT_DATABASE", None),
        ("schema", "REDSHIFT_SCHEMA", "analytics"),
    ),
    "snowflake": (
        ("account", "SNOWFLAKE_ACCOUNT", None),
        ("user", "SNOWFLAKE_USER", None),
        ("password", "DBT_ENV_SECRET_SNOWFLAKE_PASSWORD", None),
        ("role", "SNOWFLAKE_ROLE", None),
        ("warehouse", "SNOWFLAKE_WAREHOUSE", None),
        ("database", "SNOWFLAKE_DATABASE", None),
        ("schema", "SNOWFLAKE_SCHEMA", "ANALYTICS"),
    ),
    "bigquery": (
        ("method", "BIGQUERY_METHOD", "oauth"),
        ("project", "BIGQUERY_PROJECT", None),
        ("dataset", "BIGQUERY_DATASET", "analytics"),
        ("location", "BIGQUERY_LOCATION", "US"),
    ),
    "databricks": (
        ("host", "DATABRICKS_HOST", None),
        ("http_path", "DATABRICKS_HTTP_PATH", None),
        ("token", "DBT_ENV_SECRET_DATABRICKS_TOKEN", None),
        ("catalog", "DATABRICKS_CATALOG", "main"),
        ("schema", "DATABRICKS_SCHEMA", "analytics"),
    ),
    "spark": (
        ("method", "SPARK_METHOD", "thrift"),
        ("host", "SPARK_HOST", "localhost"),
        ("port", "SPARK_PORT", "10000"),
        ("schema", "SPARK_SCHEMA", "analytics"),
    ),
}
"""(key of the profile, environment variable, default). dbt hides those that start with DBT_ENV_SECRET in its logs."""


def project_identifier(request: ModelGenerationRequest) -> str:
    """The project's name as dbt takes it: a word that starts with a letter."""
    wished = request.context.project_name if request.context else "my_dbt_project"
    word = re.sub(r"\W+", "_", wished.strip().lower(), flags=re.ASCII).strip("_")
    return word if re.match(r"[a-z_]", word) else f"project_{word}".rstrip("_")


def attached_databases(plan: ExecutionPlan, request: ModelGenerationRequest) -> tuple[str, ...]:
    """The aliases under which a source file is attached: the databases that the plan's sources name."""
    if request.file_source is None or warehouse_of(request) != "duckdb":
        return ()
    found = (action.detail.database for action in plan.actions if isinstance(action.detail, SourceDetail))
    return tuple(dict.fromkeys(database for database in found if database))


def profile_environment(plan: ExecutionPlan, request: ModelGenerationRequest) -> tuple[EnvironmentVariable, ...]:
    """Every environment variable that the generated profile reads, in its order.

    Raises:
        InputError: the target warehouse is not known.
    """
    warehouse = warehouse_of(request)
    if warehouse != "duckdb":
        return tuple(EnvironmentVariable(name, "connection", default) for _, name, default in _CONNECTIONS[warehouse])
    attached = tuple(
        EnvironmentVariable(_source_variable(alias), "source", request.file_source, alias)
        for alias in attached_databases(plan, request)
    )
    return (EnvironmentVariable("DUCKDB_PATH", "warehouse", "warehouse.duckdb"), *attached)


def _source_variable(alias: str) -> str:
    word = re.sub(r"\W+", "_", alias, flags=re.ASCII).strip("_").upper()
    return f"{word or 'DATABASE'}_SOURCE_PATH"


def _reads(variable: EnvironmentVariable, *, number: bool = False) -> str:
    names = [variable.name] if variable.default is None else [variable.name, variable.default]
    call = jinja_text.call("env_var", *names)
    return f"{{{{ {call} | as_number }}}}" if number else f"{{{{ {call} }}}}"


def profile_yaml(plan: ExecutionPlan, request: ModelGenerationRequest) -> str:
    """The text of `profiles.yml`."""
    warehouse = warehouse_of(request)
    variables = profile_environment(plan, request)
    output: dict[str, Value] = {"type": warehouse}
    if warehouse == "duckdb":
        output["path"] = _reads(variables[0])
        attached: list[Value] = [
            {"path": _reads(variable), "alias": jinja_text.literal(variable.attached or ""), "read_only": True}
            for variable in variables[1:]
        ]
        if attached:
            output["attach"] = attached
    else:
        keys = (key for key, _, _ in _CONNECTIONS[warehouse])
        output |= {key: _reads(variable, number=key == "port") for key, variable in zip(keys, variables, strict=True)}
    output["threads"] = 4
    return document({project_identifier(request): {"target": "dev", "outputs": {"dev": output}}})
