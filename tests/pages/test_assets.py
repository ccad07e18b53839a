"""The pages' JavaScript and templates: that they can be parsed, and that values are escaped."""

import shutil
import subprocess
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from pages.parts.browser_files import SCRIPT_FOLDERS
from pages.parts.templates import FOLDER, render
from tests.conftest import ROOT

SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))
COMPONENTS = [script for script in SCRIPTS if script.parent not in SCRIPT_FOLDERS]
TEMPLATES = sorted((ROOT / "pages").rglob("*.html.j2"))


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to parse JavaScript with")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_a_module_that_can_be_parsed(script: Path, tmp_path: Path) -> None:
    module = tmp_path / script.with_suffix(".mjs").name
    module.write_bytes(script.read_bytes())
    ended = subprocess.run(["node", "--check", str(module)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("script", COMPONENTS, ids=lambda path: path.name)
def test_every_script_is_what_a_component_calls(script: Path) -> None:
    assert script.read_text(encoding="utf-8").count("export default function (") == 1
    assert script.with_suffix(".py").is_file() or script.parent.with_suffix(".py").is_file()


def test_every_template_is_filled_by_a_module_beside_it() -> None:
    assert TEMPLATES
    for template in TEMPLATES:
        name = template.relative_to(FOLDER).as_posix()
        users = [path for path in template.parent.glob("*.py") if f'"{name}"' in path.read_text(encoding="utf-8")]
        assert users, f"nothing fills {name}"


def test_values_are_escaped_and_markup_is_not() -> None:
    html = render("parts/legend.html.j2", items=[("<script>'", Markup("<i></i>"))])
    assert "<i></i><span>&lt;script&gt;&#39;</span>" in html


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("parts/legend.html.j2")
