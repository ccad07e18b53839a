"""Loads the JavaScript, CSS and HTML files of the pages' own components.

Each component has its files beside the module that uses it, where a linter can read them:

    pages/parts/digit_grid.py  digit_grid.js  digit_grid.css  digit_grid.html
"""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


@cache
def text_of(path: Path) -> str:
    """The text of a file, read once."""
    return path.read_text(encoding="utf-8")


def component(files: Path, *, isolate_styles: bool = True) -> ComponentRenderer:
    """Declare a component and return the function that mounts it. Call this once for each component, when a module is
    imported.

    files: the path of the component's files without their suffix. There must be a .js file, which exports a default
    function; a .css and an .html file are optional. The file name gives the component its name: 'digit_grid' becomes
    'digit_duel_digit_grid'.
    isolate_styles: whether the component gets a shadow root. Without one, its JavaScript can reach the rest of the
    page.
    """
    optional = {
        kind: text_of(path) for kind in ("css", "html") if (path := files.with_name(f"{files.name}.{kind}")).is_file()
    }
    return st.components.v2.component(
        f"digit_duel_{files.name}",
        js=text_of(files.with_name(f"{files.name}.js")),
        isolate_styles=isolate_styles,
        **optional,
    )
