"""Python models: their `dbt.ref()`, `dbt.source()` and `dbt.config()` calls, from Python's own syntax tree."""

from __future__ import annotations

import ast

from cartridge.project.jinja import JinjaFacts, JinjaFault


def read_python(text: str) -> JinjaFacts:
    """The facts of a Python model.

    Raises:
        JinjaFault: the text is no valid Python.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise JinjaFault(f"no valid Python: {fault}", getattr(fault, "lineno", None) or 1) from None
    refs: dict[str, None] = {}
    sources: dict[tuple[str, str], None] = {}
    config: dict[str, object] = {}
    unknown: list[tuple[int, str]] = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            continue
        if call.func.value.id != "dbt" or call.func.attr not in {"ref", "source", "config"}:
            continue
        names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if call.func.attr == "config":
            config.update({k.arg: k.value.value for k in call.keywords if k.arg and isinstance(k.value, ast.Constant)})
        elif len(names) != len(call.args) or not names or (call.func.attr == "source" and len(names) != 2):
            unknown.append((call.lineno, f"{call.func.attr}()"))
        elif call.func.attr == "ref":
            refs[names[-1]] = None
        else:
            sources[names[0], names[1]] = None
    return JinjaFacts(tuple(refs), tuple(sources), config, (), tuple(unknown))
