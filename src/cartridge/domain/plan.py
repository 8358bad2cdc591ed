"""The execution plan: ordered actions, what is known of each, and what is wrong with them.

Every action has six public fields. All else is optional detail: what was not given is not serialised, so a six-field
action round-trips to six keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from cartridge.domain.check import flag, optional_text, text
from cartridge.domain.project import ProjectContext
from cartridge.domain.schema import ModelType, Overlap, Relationship, TableKey, TableMapping, TableProfile
from cartridge.errors import InputError

CREATE_SOURCE = "create_source"
CREATE_STAGING = "create_staging"
CREATE_INTERMEDIATE = "create_intermediate"
CREATE_MART = "create_mart"
CREATE_SNAPSHOT = "create_snapshot"
UPDATE_STAGING = "update_staging"
ACTION_TYPES = (
    CREATE_SOURCE, CREATE_STAGING, CREATE_INTERMEDIATE, CREATE_MART, CREATE_SNAPSHOT, UPDATE_STAGING,
)  # fmt: skip

Severity = Literal["error", "warning", "note"]
Basis = Literal["declared", "measured", "inferred", "convention", "default", "asked"]
"""On what a decision rests: the database's declaration, its data, names and types, the project's habit, the preset,
or the user's own word."""
Materialization = Literal["view", "table", "incremental", "ephemeral"]
MartRole = Literal["fact", "dimension", "bridge", "date", "rollup", "union", "join"]
"""What a model downstream of staging is. `rollup` sums children to their parent's grain; `date` is a generated date
dimension; `join` is an intermediate model that keeps the grain of its base."""


class Value(BaseModel):
    """A frozen value: unknown keys are refused, so that a misspelt one is never lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Value):
    """Why one decision was taken: `about` is the decision (name, path, role, grain, join, column, test, materialized,
    fold, left_out), `says` one sentence with its numbers. `against` marks a signal that spoke for another decision."""

    about: str
    says: str
    basis: Basis = "inferred"
    against: bool = False


class DataTest(Value):
    """A dbt data test. `arguments` are dbt's own (`to`, `field`, `values`); `basis` decides its severity."""

    name: Literal["unique", "not_null", "relationships", "accepted_values", "unique_combination"]
    arguments: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["error", "warn"] = "error"
    basis: Basis = "declared"
    because: str = ""


class SourceColumn(Value):
    """A column as the source has it."""

    name: str
    data_type: str = ""
    description: str | None = None
    tests: tuple[DataTest, ...] = ()


class SourceTable(Value):
    """A table of a source. `name` is dbt's name for it; `identifier` the database's, where the two differ."""

    name: str
    identifier: str | None = None
    description: str | None = None
    columns: tuple[SourceColumn, ...] = ()
    tests: tuple[DataTest, ...] = ()
    loaded_at_field: str | None = None
    freshness_hours: tuple[int, int] | None = None
    """(warn after, error after), in hours."""


class SourceDetail(Value):
    """What a source declares. `mode` is "append" where the source exists and tables are added to it."""

    kind: Literal["source"] = "source"
    mode: Literal["create", "append"] = "create"
    schema_name: str
    database: str | None = None
    shares_database: bool = False
    """Whether `database:` is written word for word as the project's other sources write it."""
    tables: tuple[SourceTable, ...]
    description: str | None = None
    loader: str | None = None


class StagedColumn(Value):
    """One column of a staging model: `source` is the column's name in the source table, `name` the staged name, and
    `cast` the generic type it is cast to (None: passed through). `group` orders the columns."""

    name: str
    source: str
    data_type: str = ""
    cast: str | None = None
    group: Literal["id", "string", "numeric", "boolean", "date", "timestamp", "semi_structured", "metadata"] = "string"
    description: str | None = None
    tests: tuple[DataTest, ...] = ()


class StagingDetail(Value):
    """What a staging model selects. `source` and `source_table` are dbt's names, as in `source(source, source_table)`;
    `table` is the scanned table. `grain` are staged column names; empty: no key is known."""

    kind: Literal["staging"] = "staging"
    source: str
    source_table: str
    table: TableKey
    columns: tuple[StagedColumn, ...]
    grain: tuple[str, ...] = ()
    grain_says: str | None = None
    """The grain in words: "one row per invoice line"."""
    materialized: Materialization = "view"
    tests: tuple[DataTest, ...] = ()
    """Tests of the whole model, such as a composite key."""


class ModelInput(Value):
    """A model that is read, under the alias its columns are called by. One model may be read under several aliases.

    `label` is the text that a union writes beside this input's rows.
    """

    alias: str
    model: str
    label: str | None = None


class JoinKey(Value):
    """`left_alias.left_column = <joined alias>.right_column`."""

    left_alias: str
    left_column: str
    right_column: str


class Join(Value):
    """Adds the input `alias` to those before it. `many_to_one` and `one_to_one` never multiply rows."""

    alias: str
    keys: tuple[JoinKey, ...]
    kind: Literal["left", "inner"] = "left"
    cardinality: Literal["many_to_one", "one_to_one", "one_to_many"] = "many_to_one"
    basis: Basis = "declared"
    because: str = ""


class OutputColumn(Value):
    """One column of an intermediate model or mart.

    `function`: "column" passes `alias.column` through; "product" is `alias.column * alias.factor`; "sum", "min", "max",
    "average", "count", "count_distinct" aggregate `alias.column`; "sum_product" sums `alias.column * alias.factor`;
    "count_rows" counts. `fill_zero` wraps the whole in coalesce(..., 0). `role` says what the column is to its reader.
    """

    name: str
    alias: str | None = None
    column: str | None = None
    function: Literal[
        "column", "product", "sum", "sum_product", "min", "max", "average", "count", "count_distinct", "count_rows"
    ] = "column"
    factor: str | None = None
    fill_zero: bool = False
    data_type: str = ""
    role: Literal["key", "foreign_key", "degenerate", "measure", "attribute", "date", "metadata"] = "attribute"
    description: str | None = None
    tests: tuple[DataTest, ...] = ()


class DateSpan(Value):
    """A date column of a model that the generated date dimension must cover."""

    model: str
    column: str


class ModelDetail(Value):
    """What an intermediate model or mart selects: the first of `inputs` is the base whose rows it keeps.

    `group_by` (output column names) makes it an aggregate; rows of the base in which one of `filled` (of those) is NULL
    belong to nobody, and are left out. `role="union"` stacks its inputs, which all have the columns
    of `columns` (`alias` None there); the column `union_label` holds each input's `label`. `role="date"` generates a
    row per day over `date_spans`, in whole years, and has neither base nor joins: its `columns` are those of
    `plan/dates.py`, named after the dbt_date package.
    """

    kind: Literal["model"] = "model"
    role: MartRole
    inputs: tuple[ModelInput, ...] = ()
    joins: tuple[Join, ...] = ()
    columns: tuple[OutputColumn, ...] = ()
    group_by: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    union_label: str | None = None
    grain: tuple[str, ...] = ()
    grain_says: str = ""
    materialized: Materialization = "table"
    incremental_key: tuple[str, ...] = ()
    incremental_cursor: str | None = None
    incremental_lookback_days: int | None = None
    date_spans: tuple[DateSpan, ...] = ()
    tests: tuple[DataTest, ...] = ()


class SnapshotDetail(Value):
    """A dbt snapshot of a source table."""

    kind: Literal["snapshot"] = "snapshot"
    source: str
    source_table: str
    table: TableKey
    unique_key: tuple[str, ...]
    strategy: Literal["timestamp", "check"]
    updated_at: str | None = None
    check_columns: tuple[str, ...] = ()
    """The source columns that are compared (strategy "check"); empty: all of them."""


Detail = Annotated[SourceDetail | StagingDetail | ModelDetail | SnapshotDetail, Field(discriminator="kind")]


class PlanAction(BaseModel):
    """One step of a plan.

    `step_id` counts from 1; `type` is one of `ACTION_TYPES`; `file_path` is relative to the project, with `/`;
    `dependencies` are names of sources and models: earlier steps', or the project's own.
    """

    model_config = ConfigDict(extra="ignore")

    step_id: int
    type: str
    name: str
    file_path: str
    description: str = ""
    dependencies: list[str] = Field(default_factory=list)
    detail: Detail | None = None
    properties_path: str | None = None
    """The YAML file that documents and tests the model; for a source its own `file_path`."""
    evidence: tuple[Evidence, ...] | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)

    @model_serializer(mode="wrap")
    def _only_what_was_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        given = {"description": self.description, "dependencies": list(self.dependencies)}
        data = {**dict.fromkeys(("step_id", "type", "name", "file_path")), **given, **handler(self)}
        if self.detail is not None:
            data["detail"] = {"kind": self.detail.kind, **data["detail"]}
        return {key: value for key, value in data.items() if value is not None}


class Finding(Value):
    """Something that a gate, a scan or a project reader has to say.

    `code` is stable and documented; `message` says what and where, `mend` what to do next. `step_id` and `action` name
    the action concerned, `path` and `line` the file concerned.
    """

    code: str
    severity: Severity
    message: str
    mend: str = ""
    step_id: int | None = None
    action: str | None = None
    path: str | None = None
    line: int | None = None


class ExecutionPlan(BaseModel):
    """Ordered actions, and what the gate had to say of them. Serialised without what was not given."""

    model_config = ConfigDict(extra="ignore")

    strategy: Literal["greenfield", "brownfield"]
    actions: list[PlanAction] = Field(default_factory=list)
    findings: list[Finding] = Field(default_factory=list)

    @model_serializer(mode="wrap")
    def _only_what_was_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data = {"strategy": self.strategy, "actions": [], **handler(self)}
        if not self.findings:
            data.pop("findings", None)
        return data

    def action(self, name: str) -> PlanAction | None:
        """The action of that name (a model before a source), or None."""
        found = [action for action in self.actions if action.name == name]
        return next((action for action in found if action.type != CREATE_SOURCE), found[0] if found else None)


@dataclass
class ModelGenerationRequest:
    """What is asked for: the tables to bring in, the layers wanted, and the project they go into.

    `target_warehouse` wins over `context.warehouse_type`. `relationships` and `profile` carry what was learned besides
    the tables' own declarations.

    Raises:
        ValueError: a field has a wrong type; the message names the field.
    """

    tables: list[TableMapping]
    model_types: list[ModelType] = field(default_factory=lambda: [ModelType.STAGING, ModelType.MARTS])
    business_context: str | None = None
    naming_convention: str | None = None
    include_tests: bool = True
    include_documentation: bool = True
    target_warehouse: str = "postgresql"
    context: ProjectContext | None = None
    relationships: list[Relationship] | None = None
    profile: dict[TableKey, TableProfile] | None = None
    overlaps: list[Overlap] | None = None
    """What was measured of declared and possible foreign keys."""
    file_source: str | None = None
    """The file's name where the source is a database file that the target attaches read-only (DuckDB)."""
    all_tables: bool = False
    """Whether `tables` are all that their schemas hold, so that a table of the project which is not there is gone."""
    source_dialect: str | None = None
    """The sqlglot dialect of the scanned database, where it is known: says whether its names' case is the target's."""

    def __post_init__(self) -> None:
        if not isinstance(self.tables, list) or not all(isinstance(t, TableMapping) for t in self.tables):
            raise InputError("ModelGenerationRequest.tables: must be a list of TableMapping")
        try:
            self.model_types = [ModelType(kind) for kind in self.model_types]
        except (TypeError, ValueError):
            known = ", ".join(ModelType)
            raise InputError(
                f"ModelGenerationRequest.model_types: must hold {known}, got {self.model_types!r}"
            ) from None
        for name in ("business_context", "naming_convention"):
            optional_text(self, name)
        for name in ("include_tests", "include_documentation"):
            flag(self, name)
        text(self, "target_warehouse")
        if self.context is not None and not isinstance(self.context, ProjectContext):
            raise InputError("ModelGenerationRequest.context: must be a ProjectContext or None")
