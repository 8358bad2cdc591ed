"""Star schemas as compact text: every model between staging and its readers, one block each.

fct_invoice_lines: fact, one row per invoice line
  grain     invoice_line_id
  reads     stg_chinook__invoice_lines, stg_chinook__invoices (invoice_id)
  measure   quantity, unit_price, line_amount = quantity * unit_price
"""

from __future__ import annotations

from cartridge.domain.plan import ExecutionPlan, ModelDetail, OutputColumn, PlanAction

LINE = 116
KINDS = ("key", "foreign_key", "degenerate", "date", "attribute", "measure", "metadata")


def star_text(plan: ExecutionPlan) -> str:
    """The intermediate models and marts of a resolved plan, in its order."""
    blocks = [_block(action, action.detail) for action in plan.actions if isinstance(action.detail, ModelDetail)]
    return "\n".join(blocks)


def _block(action: PlanAction, detail: ModelDetail) -> str:
    lines = [f"{action.name}: {detail.role}, {detail.grain_says}"]
    lines += _listed("grain", list(detail.grain))
    lines += _listed("reads", _inputs(detail))
    for kind in KINDS:
        columns = [column for column in detail.columns if column.role == kind and column.name not in detail.grain]
        lines += _listed(kind, [_column(column) for column in columns])
    lines += _listed("spans", [f"{span.model}.{span.column}" for span in detail.date_spans])
    return "\n".join(lines) + "\n"


def _inputs(detail: ModelDetail) -> list[str]:
    """The base, then each joined model with the keys that it is met by."""
    models = {entry.alias: entry.model for entry in detail.inputs}
    joined = {join.alias: " + ".join(key.left_column for key in join.keys) for join in detail.joins}
    named = [f"{models[alias]} ({joined[alias]})" if alias in joined else models[alias] for alias in models]
    aliases = [f" as {alias}" if list(models.values()).count(models[alias]) > 1 else "" for alias in models]
    return [name + alias for name, alias in zip(named, aliases, strict=True)]


def _column(column: OutputColumn) -> str:
    if column.function == "column":
        return column.name
    read = " * ".join(part for part in (column.column, column.factor) if part)
    said = read if column.function == "product" else f"{column.function}({read})"
    return f"{column.name} = {said}"


def _listed(head: str, items: list[str]) -> list[str]:
    """`  head  a, b, c`, broken into lines of at most `LINE` characters."""
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + len(item) + 3 <= LINE:
            lines[-1] += f", {item}"
        else:
            lines[-1:] = [f"{line}," for line in lines[-1:]]
            lines.append(f"  {head if not lines else '':<12}{item}")
    return lines


def read_star(text: str) -> dict[str, tuple[str, frozenset[str]]]:
    """By mart: its kind, and the names of its columns; intermediate models are left out."""
    marts = {}
    for block in text.strip().split("\n\n"):
        head, *lines = block.splitlines()
        name, _, says = head.partition(": ")
        kind = says.partition(",")[0]
        columns: set[str] = set()
        part = ""
        for line in lines:
            part = line[2:14].strip() or part
            if part in {"grain", *KINDS}:
                columns.update(entry.partition(" = ")[0] for entry in line[14:].rstrip(",").split(", "))
        if kind in {"fact", "dimension", "bridge", "date"}:
            marts[name] = (kind, frozenset(columns))
    return marts
