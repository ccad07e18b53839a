"""Fills the HTML templates of the pages. Every value is escaped, because runs and links can hold anything.

A template lies beside the module that uses it and is named by its path below the pages:

    render("draw/predictions_panel.html.j2", note="Lift the pen.")
"""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from mnist_core.reporting import html_templates

FOLDER = Path(__file__).resolve().parent.parent


def render(template: str, **values: Any) -> Markup:
    """The HTML of a template.

    A value that is missing raises jinja2.UndefinedError; HTML that is safe must come as markupsafe.Markup.
    """
    return html_templates.render(template, folder=FOLDER, **values)
