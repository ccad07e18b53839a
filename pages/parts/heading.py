"""The beginning of a page: its name, a sentence about it, and the style sheets.

It is one element, so that it appears in one step.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from mnist_core.reporting import tables
from pages.parts import glossary
from pages.parts.assets import text_of
from pages.parts.streamlit_seam import styles
from pages.parts.templates import FOLDER, render

SHEETS = (
    FOLDER / "parts" / "style.css",
    *(path for path in sorted(FOLDER.glob("*/*.css")) if path.stem == path.parent.name),
    FOLDER / "draw" / "score.css",
    FOLDER / "why" / "what_counted.css",
    Path(tables.__file__).with_suffix(".css"),
)


@cache
def _all_styles() -> Markup:
    return Markup("\n".join([*map(text_of, SHEETS), styles()]))


def show_heading(title: str, text: str, *, words: Sequence[str] = ()) -> None:
    """title: of the page. text: a sentence or two below it, plain. words: of the field that appear on the page; their
    meanings, see glossary, unfold below the text.
    """
    meanings = glossary.meanings(*words)
    st.html(render("parts/heading.html.j2", styles=_all_styles(), title=title, text=text, meanings=meanings))
