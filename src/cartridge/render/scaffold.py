"""The files of a new project besides its models: configuration, profile, linter settings, README."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from cartridge.domain.plan import ExecutionPlan, ModelDetail, ModelGenerationRequest, SnapshotDetail
from cartridge.domain.warehouse import Warehouse, warehouse_of
from cartridge.render.materialization import Defaults
from cartridge.render.profiles import profile_yaml, project_identifier
from cartridge.render.readme import readme
from cartridge.render.yaml_text import Value, document

SCAFFOLD = frozenset({"dbt_project.yml", "profiles.yml", ".gitignore", ".sqlfluff", ".yamllint", "README.md"})
"""The paths of the files."""

KEPT_IF_PRESENT = frozenset({".gitignore", "README.md"})
"""Files that a folder may hold before it becomes a project: what a person wrote there stays."""

_DIALECTS: dict[Warehouse, str] = {"spark": "sparksql"}

_GITIGNORE = """\
# dbt
target/
dbt_packages/
logs/
.user.yml

# secrets and local state
.env
.cartridge/
"""

_YAMLLINT = """\
extends: default

rules:
  # descriptions are prose and may be long
  line-length: disable
  # dbt's files start with their first key
  document-start: disable
  comments-indentation: disable
  indentation:
    spaces: 2
    indent-sequences: true

ignore: |
  target/
  dbt_packages/
"""

_SQLFLUFF = """\
[sqlfluff]
templater = jinja
dialect = {dialect}
max_line_length = 120
large_file_skip_byte_limit = 0
# RF04: a column may be called what its source calls it
# RF06: the source's own names are quoted as the source spells them
# ST06: columns are grouped by meaning, not by the kind of their expression
exclude_rules = RF04, RF06, ST06

[sqlfluff:templater:jinja]
apply_dbt_builtins = True

[sqlfluff:indentation]
tab_space_size = 4
implicit_indents = allow

[sqlfluff:rules:capitalisation.keywords]
capitalisation_policy = lower

[sqlfluff:rules:capitalisation.identifiers]
extended_capitalisation_policy = lower
unquoted_identifiers_policy = aliases

[sqlfluff:rules:capitalisation.functions]
extended_capitalisation_policy = lower

[sqlfluff:rules:capitalisation.literals]
capitalisation_policy = lower

[sqlfluff:rules:capitalisation.types]
extended_capitalisation_policy = lower

[sqlfluff:rules:references.special_chars]
quoted_identifiers_policy = none
"""


def scaffold(plan: ExecutionPlan, request: ModelGenerationRequest, defaults: Defaults) -> dict[str, tuple[str, str]]:
    """The files of a new project by path, each as (text, why).

    Raises:
        InputError: the target warehouse is not known.
    """
    warehouse = warehouse_of(request)
    sqlfluff = _SQLFLUFF.format(dialect=_DIALECTS.get(warehouse, warehouse))
    gitignore = _GITIGNORE + ("*.duckdb\n*.duckdb.wal\n" if warehouse == "duckdb" else "")
    return {
        "dbt_project.yml": (_project_yaml(plan, request, defaults), "the project and what its layers become"),
        "profiles.yml": (profile_yaml(plan, request), "the connection, read from environment variables"),
        ".gitignore": (gitignore, "keeps builds, secrets and local state out of version control"),
        ".sqlfluff": (sqlfluff, "the style of the SQL, for sqlfluff"),
        ".yamllint": (_YAMLLINT, "the style of the YAML, for yamllint"),
        "README.md": (readme(plan, request), "what this project is and how it is run"),
    }


def _project_yaml(plan: ExecutionPlan, request: ModelGenerationRequest, defaults: Defaults) -> str:
    name = project_identifier(request)
    folders = {PurePosixPath(action.file_path).parts[0] for action in plan.actions}
    snapshots = {
        PurePosixPath(action.file_path).parts[0] for action in plan.actions if isinstance(action.detail, SnapshotDetail)
    }
    sections: dict[str, Value] = {
        "name": name,
        "version": "1.0.0",
        "profile": name,
        "require-dbt-version": ">=1.10.5",
        "model-paths": sorted(folders - snapshots) or ["models"],
    }
    if snapshots:
        sections["snapshot-paths"] = sorted(snapshots)
    sections["clean-targets"] = ["target", "dbt_packages"]
    layers: dict[str, Value] = {}
    for folder, materialized in defaults.folders.items():
        if folder:
            layers["/".join(folder)] = {"+materialized": materialized}
        else:
            layers = {"+materialized": materialized, **layers}
    if layers:
        sections["models"] = {name: layers}
    prefixes = _marts_prefixes(plan)
    if prefixes:
        sections["vars"] = {"dbt_project_evaluator": {"marts_prefixes": prefixes}}
    head = {key: value for key, value in sections.items() if isinstance(value, str)}
    rest = {key: value for key, value in sections.items() if key not in head}
    return "".join(document({key: value}) for key, value in head.items()) + "\n" + document(rest)


def _marts_prefixes(plan: ExecutionPlan) -> list[Value]:
    """The prefixes that dbt-project-evaluator must be told: those of bridges, unless they are its own."""
    known = ["fct_", "dim_"]
    found = {
        prefix[0]
        for action in plan.actions
        if isinstance(action.detail, ModelDetail)
        and action.detail.role == "bridge"
        and (prefix := re.match(r"[a-z]+_", action.name))
    }
    return [*known, *sorted(found - set(known))] if found - set(known) else []
