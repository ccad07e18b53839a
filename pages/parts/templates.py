"""Fills the HTML templates of the pages. Every value is escaped, because runs and links can hold anything.

A template lies beside the module that uses it and is named by its path below the pages:

    render("draw/predictions_panel.html.j2", note="Lift the pen.")
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mnist_core import formatting
from mnist_core.reporting.markup import data_url

FOLDER = Path(__file__).resolve().parent.parent


def unbreakable(text: str) -> str:
    """The text without a place where a line may break.

    >>> unbreakable("98.13 %")
    '98.13\xa0%'
    """
    return text.replace(" ", "\u00a0")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=formatting.percent,
        probability=formatting.probability,
        number=formatting.number,
        data_url=data_url,
        unbreakable=unbreakable,
    )
    return environment


def render(template: str, **values: Any) -> str:
    """The HTML of a template.

    A value that is missing raises jinja2.UndefinedError; HTML that is safe must come as markupsafe.Markup.
    """
    return _environment().get_template(template).render(values)
