"""Templates escape what they are given, miss nothing silently, and are compiled once."""

from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from markupsafe import Markup

from mnist_core.reporting.html_templates import TEMPLATES, environment_for, render

EVIL = "<script>alert('1')</script>\""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.html.j2").write_text(
        "<p title='{{ name }}'>{{ name }} {{ piece }} {{ 0.9813 | percent }}</p>"
        "{% include 'digit_strip.html.j2' with context %}"
    )
    return tmp_path


def test_strings_are_escaped_and_pieces_of_html_are_not(folder: Path) -> None:
    html = render("mine.html.j2", folder=folder, name=EVIL, piece=Markup("<b>1</b>"), digits=[("data:", EVIL)])
    assert "<script>" not in html
    assert html.count("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&#34;") == 4
    assert "<b>1</b> 98.13 %</p><div class='digit-strip'>" in html


def test_a_missing_value_and_a_missing_template_are_errors(folder: Path) -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render("mine.html.j2", folder=folder)
    with pytest.raises(TemplateNotFound):
        render("nowhere.html.j2")


def test_a_template_is_compiled_once(folder: Path) -> None:
    environment = environment_for(folder)
    assert environment_for(folder) is environment
    assert environment.get_template("mine.html.j2") is environment.get_template("mine.html.j2")


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_every_template_compiles_and_switches_escaping_off_nowhere(path: Path) -> None:
    environment_for(TEMPLATES).get_template(path.name)
    text = path.read_text(encoding="utf-8")
    assert "| safe" not in text
    assert "autoescape" not in text
