"""What a person asks for in cartridge.toml holds, whatever the project shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from cartridge.errors import ProjectError
from cartridge.plan.naming import learned_conventions, sources_file, staging_home
from cartridge.project import read_project

SOURCES = "sources:\n  - name: crm\n    tables:\n      - name: deals\n      - name: leads\n"


def project(root: Path, **files: str) -> Path:
    (root / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    folder = root / "models" / "staging" / "crm"
    folder.mkdir(parents=True)
    (folder / "src.yml").write_text(SOURCES)
    for table in ("deals", "leads"):
        text = f"SELECT id, label FROM {{{{ source('crm', '{table}') }}}}\n"
        (folder / f"stg_crm__{table}.sql").write_text(text)
    for name, text in files.items():
        (root / name.replace("_toml", ".toml")).write_text(text)
    return root


def homes(root: Path) -> tuple[str, str, str]:
    conventions = learned_conventions(read_project(root))
    assert conventions is not None
    home = staging_home(conventions, "crm", "calls")
    return home.path, home.properties_path, sources_file(conventions, "erp")


def test_nothing_asked_for(tmp_path: Path) -> None:
    path, _, sources = homes(project(tmp_path))
    assert (path, sources) == ("models/staging/crm/stg_crm__calls.sql", "models/staging/erp/src.yml")


def test_templates_in_cartridge_toml(tmp_path: Path) -> None:
    asked = (
        '[conventions]\nstaging = "s_{table}"\nstaging_folder = "models/raw/{source}"\n'
        'staging_properties = "models/raw/_{source}.yml"\nsources_file = "models/raw/{source}.yml"\n'
    )
    assert homes(project(tmp_path, cartridge_toml=asked)) == (
        "models/raw/crm/s_calls.sql",
        "models/raw/_crm.yml",
        "models/raw/erp.yml",
    )


def test_one_template_in_pyproject_leaves_the_rest_learned(tmp_path: Path) -> None:
    asked = '[tool.cartridge.conventions]\nstaging = "raw_{entity}"\nfact = "f_{entity}"\n[tool.cartridge.sql]\n'
    root = project(tmp_path, pyproject_toml=asked + 'commas = "leading"\n')
    assert homes(root)[0] == "models/staging/crm/raw_call.sql"
    conventions = read_project(root).conventions
    assert conventions is not None
    assert conventions.fact.name == "f_{entity}"
    style = conventions.style("staging", "crm")
    assert (style["commas"], style["keywords"], style["shape"]) == ("leading", "upper", "no cte")


def test_a_project_without_models_follows_what_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / "cartridge.toml").write_text('[conventions]\nstaging = "raw_{table}"\n')
    assert homes(tmp_path)[0] == "models/staging/crm/raw_calls.sql"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[conventions\n", "cartridge.toml cannot be read"),
        (
            '[convention]\nstaging = "x"\n',
            "'convention' is not known. Its tables are `conventions`, `columns`, ",
        ),
        ('[conventions]\nstage = "x"\n', "conventions.stage is not known. Known are: staging, "),
        ("[conventions]\nstaging = 3\n", "conventions.staging must be a text in quotes, not 3"),
        ('[conventions]\nstaging = "s_{tables}"\n', "the slot {tables}, which is not known"),
        ('[conventions]\ntests_key = "test"\n', "It can be: data_tests, tests"),
        ('[columns]\nid = "{table}_id"\n', "columns.id has the slot {table}, which is not known. Known are: {entity}"),
        ('[sql]\ncommas = "up"\n', "sql.commas is 'up'. It can be: trailing, leading"),
    ],
)
def test_what_is_not_known_is_one_clear_message(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ProjectError) as fault:
        read_project(project(tmp_path, cartridge_toml=text))
    assert says in str(fault.value)
    assert "\n" not in str(fault.value).rstrip("\n")
