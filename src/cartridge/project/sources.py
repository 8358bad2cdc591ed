"""Sources from all their declarations: dbt allows several blocks of one name, as long as no table is declared twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cartridge.domain.plan import Finding
from cartridge.domain.project import SourceState, SourceTableState
from cartridge.project.properties import PropertyFile, SourceBlock


def merge_sources(files: Iterable[PropertyFile]) -> tuple[dict[str, SourceState], list[Finding]]:
    """One source for each name, and what is wrong with its declarations."""
    blocks: dict[str, list[SourceBlock]] = {}
    for file in files:
        for block in file.sources:
            blocks.setdefault(block.name, []).append(block)
    findings: list[Finding] = []
    sources = {name: _merged(blocks[name], findings) for name in sorted(blocks)}
    return sources, findings


def _merged(blocks: list[SourceBlock], findings: list[Finding]) -> SourceState:
    owner = max(blocks, key=lambda block: len(block.tables))
    tables: dict[str, SourceTableState] = {}
    for block in blocks:
        if block.schema != owner.schema:
            findings.append(
                Finding(
                    code="split-source", severity="warning", path=block.path, line=block.line,
                    message=f"source {block.name} is schema {block.schema} here and {owner.schema} in {owner.path}",
                    mend="Give one of the two another source name.",
                )
            )  # fmt: skip
        for table in block.tables:
            placed = table if block.path == owner.path else replace(table, path=block.path)
            if table.name in tables:
                findings.append(
                    Finding(
                        code="duplicate-source-table", severity="error", path=block.path, line=block.line,
                        message=f"table {table.name} of source {block.name} is declared twice",
                        mend="Keep one declaration; dbt refuses both.",
                    )
                )  # fmt: skip
            tables.setdefault(table.name, placed)
    described = any(block.described for block in blocks)
    return SourceState(
        owner.name, owner.schema, owner.database, owner.path, tuple(tables.values()), described=described
    )
