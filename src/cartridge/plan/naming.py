"""Names and places: how a source, a staging model, a fact or a dimension is called, and which file it lives in.

Everything is derived from templates (`Conventions`): a preset, or what was learned from the project. All functions are
pure; the same input gives the same name on any machine.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from cartridge.domain.project import Conventions, LayerRule, ProjectContext, ProjectState
from cartridge.plan.conventions import LearnedConventions, TablePlace, learn
from cartridge.plan.presets import DEFAULT_PRESET, PRESETS
from cartridge.plan.reserved import DEVICE_NAMES, RESERVED_WORDS
from cartridge.plan.words import plural, singular, snake

MAX_BYTES = 63
"""PostgreSQL cuts identifiers here; the other warehouses allow more."""

_FILE_BYTES = 200
"""What a file system takes, some suffixes included."""

NAMELESS_SCHEMAS = frozenset({"main", "public", "dbo", "default"})
"""Schemas whose name says nothing of what they hold: the database names the source."""

MartKind = Literal["fact", "dimension", "bridge", "intermediate", "date"]

_PLACEHOLDER = re.compile(r"\{(?P<before>_?)(?P<key>[a-z]+)(?:\|(?P<default>\w+))?\}")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i"}
)  # fmt: skip
"""Latin letters that Unicode does not decompose."""
_PREFIX_KEYS = {"staging": "staging", "intermediate": "intermediate", "mart": "mart", "marts": "mart"}


_STAGING_KEYS = frozenset({"staging", "staging_folder", "staging_properties"})
"""What a person can ask for of staging models, by its key in cartridge.toml."""


@dataclass(frozen=True)
class Home:
    """Where a model lives: its dbt name, its SQL file and the YAML file that documents it, relative to the project."""

    name: str
    path: str
    properties_path: str


# ---------------------------------------------------------------- safe names


@lru_cache(maxsize=65536)
def safe_name(text: str, kind: str = "table") -> str:
    """Any text as a clear dbt name: snake_case ASCII, at most 63 bytes, no reserved word, no device name of Windows.

    Letters that have no ASCII form, and whatever is cut off, are made up for by a hash of the text, so that different
    texts keep different names. `kind` is the word added where the name alone cannot stand (`order` -> `order_table`).
    """
    plain, lost = _ascii(text)
    name = snake(plain)
    if not name:
        return f"{kind}_{_digest(text)}"
    if name[0].isdigit():
        name = f"{kind}_{name}"
    if name in RESERVED_WORDS or name in DEVICE_NAMES:
        name = f"{name}_{kind}"
    return shortened(name, text, always=lost)


def shortened(name: str, text: str | None = None, *, always: bool = False, limit: int = MAX_BYTES) -> str:
    """The name itself, of at most `limit` bytes; else its beginning and a hash of `text` (else of the name)."""
    if not always and len(name.encode()) <= limit:
        return name
    digest = _digest(name if text is None else text)
    kept = name.encode()[: limit - len(digest) - 1].decode(errors="ignore").rstrip("_")
    return f"{kept}_{digest}"


def unique_names(texts: Sequence[str], taken: Collection[str] = (), kind: str = "table") -> list[str]:
    """A safe name for every text, in the given order; no two alike, even after case folding, and none of `taken`.

    Where several texts come to one name, the text that is that name already keeps it and the others get a hash of
    themselves, so that the outcome does not depend on the order. Equal texts are counted (`_2`, `_3`).
    """
    names = [safe_name(text, kind) for text in texts]
    used = {name.casefold() for name in taken}
    distinct = dict(zip(texts, names, strict=True))
    claims = Counter(name.casefold() for name in distinct.values())
    chosen: dict[str, str] = {}
    for text, name in sorted(distinct.items(), key=lambda pair: (pair[0] != pair[1], pair[0])):
        alone = claims[name.casefold()] == 1 or text == name
        free = alone and name.casefold() not in used
        chosen[text] = name if free else _free(shortened(name, text, always=True), used)
        used.add(chosen[text].casefold())
    result: list[str] = []
    seen: set[str] = set()
    for text in texts:
        name = chosen[text] if text not in seen else _free(chosen[text], used)
        seen.add(text)
        used.add(name.casefold())
        result.append(name)
    return result


def _free(name: str, used: Collection[str]) -> str:
    """The name, counted up until it is free."""
    candidate, number = name, 2
    while candidate.casefold() in used:
        candidate = f"{name[: MAX_BYTES - len(str(number)) - 1]}_{number}"
        number += 1
    return candidate


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _ascii(text: str) -> tuple[str, bool]:
    """The text in ASCII, and whether letters or digits were lost. Symbols such as emoji give their Unicode name."""
    pieces: list[str] = []
    lost = False
    for character in unicodedata.normalize("NFKD", text.translate(_LETTERS)):
        if character.isascii():
            pieces.append(character if character.isprintable() else " ")
            continue
        category = unicodedata.category(character)
        if category == "So":
            pieces.append(" " + unicodedata.name(character, "symbol").lower() + " ")
        elif category[0] in "LN":
            lost = True
            pieces.append(" ")
        elif category[0] != "M":
            pieces.append("" if category == "Cf" else " ")
    return "".join(pieces), lost


# ---------------------------------------------------------------- homes


def source_name(schema: str, database: str | None = None) -> str:
    """The dbt source of a schema: the schema's name, or the database's where the schema says nothing (`public`)."""
    return safe_name(_telling(schema, database), "source")


def source_names(places: Sequence[tuple[str, str | None]], taken: Collection[str] = ()) -> list[str]:
    """A source for every (schema, database), no two alike and none of `taken`.

    Where a schema that says nothing would share its database's name with another, it is named after both. Of schemas
    that come to one name, the one that spells it keeps it; the others get a hash.
    """
    claims = Counter(source_name(*place).casefold() for place in places)
    telling = []
    for schema, database in places:
        text = _telling(schema, database)
        crowded = text != schema and claims[source_name(schema, database).casefold()] > 1
        telling.append(f"{text}_{schema}".rstrip("_") if crowded else text)
    return unique_names(telling, taken, kind="source")


def _telling(schema: str, database: str | None) -> str:
    return database if database and schema.strip().lower() in {*NAMELESS_SCHEMAS, ""} else schema


def staging_home(
    conventions: Conventions,
    source: str,
    table_name: str,
    place: TablePlace = TablePlace(),  # noqa: B008 - frozen
) -> Home:
    """Where the staging model of a source's table lives. `place` says what more is known of the table."""
    learned = _learned_home(conventions, source, table_name, place)
    decided = isinstance(conventions, LearnedConventions) and not _STAGING_KEYS.intersection(conventions.asked)
    if learned is not None and decided:
        return learned
    values = {"source": _plain(source), **_forms(table_name)}
    asked = _home(conventions.staging, values)
    if learned is None or not isinstance(conventions, LearnedConventions):
        return asked
    name = asked.name if "staging" in conventions.asked else learned.name
    folder = asked.path if "staging_folder" in conventions.asked else learned.path
    path = f"{folder.rpartition('/')[0]}/{name}.sql"
    if "staging_properties" in conventions.asked:
        return Home(name, path, _path(conventions.staging.properties, {**values, "model": name}))
    beside = learned.path.rpartition("/")[0]
    properties = learned.properties_path.replace(learned.name, name)
    if properties.startswith(f"{beside}/"):
        properties = f"{folder.rpartition('/')[0]}{properties.removeprefix(beside)}"
    return Home(name, path, properties)


def _learned_home(conventions: Conventions, source: str, table_name: str, place: TablePlace) -> Home | None:
    """The home that the project's own staging models suggest; None where they tell nothing."""
    habits = conventions.habits if isinstance(conventions, LearnedConventions) else None
    choice = habits.home(habits.question(source, table_name, place)) if habits else None
    if habits is None or choice is None or not isinstance(conventions, LearnedConventions):
        return None
    name = _file_name(habits.with_prefix(choice.name.value, conventions.staging_prefix), habits.longest_name)
    folder = choice.folder.value
    found = choice.properties.value if choice.properties else _beside_source(conventions, source, folder)
    properties = found or f"{folder}/{conventions.staging.properties.rpartition('/')[2]}"
    properties = properties.replace(choice.name.value, name) if name != choice.name.value else properties
    return Home(name, f"{folder}/{name}.sql", _fill(properties, {"source": _plain(source)}))


_SOURCE_WORD = re.compile(r"(?<![A-Za-z])(?:sources?|src)(?![A-Za-z])")


def _beside_source(conventions: LearnedConventions, source: str, folder: str) -> str | None:
    """The file that documents staging models where none is documented yet: called as the file in their folder that
    declares the source (`src_ads.yml`: `stg_ads.yml`; `ads_sources.yml`: `ads_models.yml`), or that file itself where
    its name says nothing of sources. None where the source is declared elsewhere."""
    known = conventions.habits.state.sources.get(source) if conventions.habits else None
    declared = known.path if known and known.package is None else None
    path = declared or sources_file(conventions, source, folder)
    inside, _, file = path.rpartition("/")
    if inside != folder:
        return None
    words = {"src": "stg", "source": "model", "sources": "models"}
    return f"{folder}/{_SOURCE_WORD.sub(lambda found: words[found[0]], file)}"


def _file_name(name: str, longest: int) -> str:
    """A learned name as it may stand as a file's. A project with longer names than PostgreSQL takes shows that its
    warehouse takes them."""
    return shortened(
        safe_name(name) if name.lower() in DEVICE_NAMES else name,
        limit=_FILE_BYTES if longest > MAX_BYTES else MAX_BYTES,
    )


def with_source(home: Home, source: str, state: ProjectState | None) -> Home | None:
    """The home under a name that holds the source's, parted as the project's names are; None where it does already."""
    prefix, parted, rest = home.name.partition("_")
    source = _plain(source)
    if not parted or f"_{source}_" in f"_{home.name}_":
        return None
    doubled = any("__" in model.name for model in state.own_models) if state else True
    name = f"{prefix}_{source}{'__' if doubled else '_'}{rest.lstrip('_')}"
    properties = home.properties_path.replace(f"/{home.name}.", f"/{name}.")
    return Home(name, home.path.replace(f"/{home.name}.", f"/{name}."), properties)


def model_home(conventions: Conventions, kind: MartKind, entity: str, area: str | None = None) -> Home:
    """Where a mart or an intermediate model lives. `entity` is what it is about, in snake_case without any prefix."""
    return _home(layer_rule(conventions, kind), {"area": area or "", **_forms(entity)})


def model_names(conventions: Conventions, kind: MartKind, entity: str) -> frozenset[str]:
    """What a mart may be called where its name is the rule's beginning and any form of the entity: what a project
    shows of its names does not always tell a table's own name from its singular or plural."""
    rule = layer_rule(conventions, kind)
    beginning = rule.name.partition("{")[0]
    rules = (replace(rule, name=f"{beginning}{{{form}}}") for form in ("table", "entity", "entities"))
    return frozenset(_home(form, {"area": "", **_forms(entity)}).name for form in rules)


def layer_rule(conventions: Conventions, kind: MartKind) -> LayerRule:
    """The rule for a kind of mart or for intermediate models."""
    rules: dict[str, LayerRule] = {
        "fact": conventions.fact,
        "dimension": conventions.dimension,
        "date": conventions.dimension,
        "bridge": conventions.bridge,
        "intermediate": conventions.intermediate,
    }
    return rules[kind]


def sources_file(conventions: Conventions, source: str, folder: str | None = None) -> str:
    """The YAML file that declares a source that is new. `folder` is where its staging models go, if they are placed."""
    learned = isinstance(conventions, LearnedConventions) and "sources_file" not in conventions.asked
    if learned and isinstance(conventions, LearnedConventions) and conventions.habits:
        placed = folder or _folder_of_new(conventions, source)
        found = conventions.habits.sources_file(source, placed)
        if found:
            return found
        if placed:
            return f"{placed}/{_fill(conventions.sources_file.rpartition('/')[2], {'source': _plain(source)})}"
    return _path(conventions.sources_file, {"source": _plain(source)})


def _folder_of_new(conventions: Conventions, source: str) -> str | None:
    return staging_home(conventions, source, "table").path.rpartition("/")[0] or None


def _plain(source: str) -> str:
    """The name of a source as it may stand in a file's name."""
    return re.sub(r"\W+", "_", source, flags=re.ASCII).strip("_") or safe_name(source, "source")


def _forms(name: str) -> dict[str, str]:
    """The placeholders that a table's or an entity's name fills."""
    plain, lost = _ascii(name)
    table = snake(plain)
    if lost or not table:
        return dict.fromkeys(("table", "model", "entity", "entities"), safe_name(name))
    countable = table.rpartition("_")[2].isalpha()
    entity, entities = (singular(table), plural(table)) if countable else (table, table)
    return {"table": table, "model": table, "entity": entity, "entities": entities}


def _home(rule: LayerRule, values: dict[str, str]) -> Home:
    template = rule.name if "{" in rule.name else rule.name + "{model}"
    name = _fill(template, values)
    if name in DEVICE_NAMES or not name[:1].isalpha():
        name = safe_name(name)
    name = shortened(name)
    values = {**values, "model": name}
    return Home(name, _path(f"{rule.folder}/{name}.sql", values), _path(rule.properties, values))


def _fill(template: str, values: dict[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        value = values.get(match["key"], "") or match["default"] or ""
        return f"{match['before']}{value}" if value else ""

    return _PLACEHOLDER.sub(one, template)


def _path(template: str, values: dict[str, str]) -> str:
    """A filled path; folders that came out empty are left out."""
    return "/".join(part for part in _fill(template, values).split("/") if part)


# ---------------------------------------------------------------- which conventions hold


def conventions_for(context: ProjectContext | None = None, naming_convention: str | None = None) -> Conventions:
    """The conventions that a request asks for, in falling order of trust.

    The prefixes of `context.naming_conventions`; a preset named by `naming_convention` (any other text of a person is
    left to a model to read); what was learned from the project; the default preset.
    """
    state = context.state if context else None
    learned = (learned_conventions(state) or state.conventions) if state else None
    found = preset_named(naming_convention) or learned or PRESETS[DEFAULT_PRESET]
    if state and found is not learned:
        found = _below(found, state.model_paths[0] if state.model_paths else "models")
    for key, prefix in sorted((context.naming_conventions if context else {}).items()):
        layer = _PREFIX_KEYS.get(key.strip().lower())
        if layer and re.fullmatch(r"[A-Za-z]\w*", prefix):
            found = _with_prefix(found, layer, prefix)
    return found


def learned_conventions(state: ProjectState) -> LearnedConventions | None:
    """What a project shows of its conventions, the default preset for the rest; None for an empty project."""
    return learn(state, _below(PRESETS[DEFAULT_PRESET], state.model_paths[0] if state.model_paths else "models"))


def preset_named(text: str | None) -> Conventions | None:
    """The preset that the text names and nothing else ("medallion", "dbt Labs conventions"), or None."""
    if not text:
        return None
    words = re.findall(r"[a-z]+", text.lower())
    plain = [word for word in words if word not in {"the", "preset", "convention", "conventions", "style", "layout"}]
    return PRESETS.get("-".join(plain))


def _with_prefix(conventions: Conventions, layer: str, prefix: str) -> Conventions:
    if layer == "staging" and isinstance(conventions, LearnedConventions):
        return replace(conventions, staging=_prefixed(conventions.staging, prefix), staging_prefix=prefix)
    if layer == "staging":
        return replace(conventions, staging=_prefixed(conventions.staging, prefix))
    if layer == "intermediate":
        return replace(conventions, intermediate=_prefixed(conventions.intermediate, prefix))
    if prefix.lower().startswith("dim"):
        return replace(conventions, dimension=_prefixed(conventions.dimension, prefix))
    if prefix.lower().startswith(("fct", "fact", "f_")):
        return replace(conventions, fact=_prefixed(conventions.fact, prefix))
    return replace(
        conventions,
        fact=_prefixed(conventions.fact, prefix),
        dimension=_prefixed(conventions.dimension, prefix),
        bridge=_prefixed(conventions.bridge, prefix),
    )


def _prefixed(rule: LayerRule, prefix: str) -> LayerRule:
    """The rule with another literal beginning of the name."""
    return replace(rule, name=prefix + rule.name[rule.name.index("{") :])


def _below(conventions: Conventions, root: str) -> Conventions:
    """A preset moved to the project's own model folder."""
    if root == "models":
        return conventions

    def moved(path: str) -> str:
        return re.sub(r"^models(?=/|$)", lambda _: root, path)

    def rule(rule: LayerRule) -> LayerRule:
        return replace(rule, folder=moved(rule.folder), properties=moved(rule.properties))

    return replace(
        conventions,
        staging=rule(conventions.staging),
        base=rule(conventions.base),
        intermediate=rule(conventions.intermediate),
        fact=rule(conventions.fact),
        dimension=rule(conventions.dimension),
        bridge=rule(conventions.bridge),
        sources_file=moved(conventions.sources_file),
    )
