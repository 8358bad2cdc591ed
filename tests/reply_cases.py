"""The replies of `tests/cases/replies`: what a model answered, and what is to become of it.

Each file holds many: a line `@@@ NAME => STRICT => MENDED`, and the answer as it came below it. STRICT is what becomes
of it by Python's defaults: the intermediate models and marts of the plan, or the class of the error. MENDED is what
becomes of it on the command line: `ok`, `dropped` with the steps that were, or the class of the error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cartridge.ai.base import ColumnMapping, ModelGenerationRequest, ModelType, ProjectContext, TableMapping
from cartridge.domain.plan import CREATE_SOURCE, CREATE_STAGING, ExecutionPlan
from cartridge.plan import resolve
from cartridge.render import render
from shared_data import REPOSITORY

FOLDER = REPOSITORY / "tests" / "cases" / "replies"
BROWNFIELD = "brownfield"
SCAFFOLD = ("dbt_project.yml", "profiles.yml", "README.md", ".gitignore", ".sqlfluff", ".yamllint")
_INSIDE = re.compile(r"models(/(?!\.)[^/\\:\x00-\x1f]+)+\.(sql|yml|yaml|md)")
_ENTRY = re.compile(r"^@@@ (.*?) => (.*?) => (.*?)\n(.*?)(?:\n\Z|\n(?=@@@ ))", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class ReplyCase:
    """One answer with what it is to become."""

    file: str
    name: str
    strict: str
    mended: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.file}: {self.name}"


def read_cases() -> list[ReplyCase]:
    """Every answer of every file."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        content = path.read_bytes().decode("utf-8")
        entries = [ReplyCase(path.stem, *match.groups()) for match in _ENTRY.finditer(content)]
        assert len(entries) == len(re.findall(r"^@@@ ", content, re.MULTILINE)), path
        found += entries
    return found


def request_of(case: str) -> ModelGenerationRequest:
    """The request that all answers of a file answer: four tables of a shop, and for `brownfield` a project."""
    tables = {
        "customers": ["email text", "created_at timestamp"],
        "products": ["sku text", "price numeric"],
        "orders": ["customer_id -> customers", "status text", "ordered_at timestamp"],
        "order_lines": ["order_id -> orders", "product_id -> products", "quantity integer", "amount numeric"],
    }
    names = ["dim_customers", "stg_crm__accounts"] if case == BROWNFIELD else []
    sources = ["crm"] if case == BROWNFIELD else []
    return ModelGenerationRequest(
        tables=[TableMapping(name, "shop", columns=columns_of(columns)) for name, columns in tables.items()],
        model_types=[ModelType.STAGING, ModelType.INTERMEDIATE, ModelType.MARTS],
        context=ProjectContext(is_incremental=bool(names), existing_models=names, existing_sources=sources),
    )


def columns_of(written: list[str]) -> list[ColumnMapping]:
    """`name type` or `name -> table`, after a key `id`."""
    found = [ColumnMapping("id", "bigint", nullable=False, is_primary_key=True)]
    for text in written:
        name, kind, *target = text.split()
        reference: dict[str, Any] = {}
        if target:
            kind = "bigint"
            reference = {"is_foreign_key": True, "foreign_key_table": target[0], "foreign_key_column": "id"}
        found.append(ColumnMapping(name, kind, **reference))
    return found


def kept(plan: ExecutionPlan) -> str:
    """The plan's intermediate models and marts."""
    return " ".join(step.name for step in plan.actions if step.type not in (CREATE_SOURCE, CREATE_STAGING))


def outside(plan: ExecutionPlan) -> list[str]:
    """The paths of a plan's steps that do not lie below `models/`."""
    return [step.file_path for step in plan.actions if not _INSIDE.fullmatch(step.file_path)]


def files_outside(plan: ExecutionPlan, request: ModelGenerationRequest) -> list[str]:
    """The paths of the files that the plan would write, which neither lie below `models/` nor belong to the scaffold of
    a new project."""
    paths = [file.path for file in render(resolve(plan, request), request).files]
    return [path for path in paths if path not in SCAFFOLD and not _INSIDE.fullmatch(path)]
