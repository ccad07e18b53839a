"""Which of the front end's scripts each page will ask for, so that the browser can read them while it waits for the server anyway.

By itself the front end imports a kind of element's script when the first such element has arrived, and shows a placeholder meanwhile. A kind that
the installed Streamlit does not have is left out: the page then opens as it would without.
"""

from functools import cache
from pathlib import Path

import streamlit

KINDS = {
    "": ("Html", "BidiComponent", "Button"),
    "train": ("Html", "ButtonGroup", "NumberInput", "TextInput", "Selectbox", "Button"),
    "compare": ("Html",),
    "curves": ("Html", "ArrowVegaLiteChart"),
    "confusion": ("Html", "BidiComponent", "ButtonGroup", "Button"),
    "dataset": ("Html",),
}
"""Kinds of elements on a page's first screen, by its address, as the front end names them. Titles, texts and popovers need no script of their own."""

FOLDER = Path(streamlit.__file__).parent / "static" / "static" / "js"


def scripts(page: str) -> list[str]:
    """The file names of that page's scripts; none for a page that is not known."""
    return [name for kind in KINDS.get(page, ()) for name in _script(kind)]


@cache
def _script(kind: str) -> list[str]:
    """The file name of that kind of element's script, if there is one."""
    return [path.name for path in sorted(FOLDER.glob(f"{kind}.*.js"))[:1]]
