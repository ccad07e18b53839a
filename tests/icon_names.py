"""The icons that the pages and Streamlit may show, and the font that holds them, pages/parts/icon_font.woff2.

python -m tests.icon_names        makes the font again, from the one in the installed Streamlit
"""

import re
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import streamlit
from fontTools import subset
from fontTools.ttLib import TTFont

from pages.parts.icon_font import FILE, REPLACED
from tests.conftest import ROOT

STATIC = Path(streamlit.__file__).parent / "static" / "static"
CHARACTERS = string.ascii_lowercase + string.digits + "_"
WITHOUT_ICONS = re.compile("Plotly|DeckGl|elk|ECharts|GraphViz|Syntax|Diagram|cytoscape|katex|chunk-")
"""Streamlit's scripts of other libraries, whose many words are no icons."""


def original() -> TTFont:
    """Streamlit's font of icons."""
    return TTFont(STATIC / "media" / REPLACED, recalcTimestamp=False)


def names(font: TTFont) -> set[str]:
    """The names of all icons of a font. Each is a ligature of the letters of its name."""
    return {name for _, name, _ in ligatures(font)}


def needed() -> set[str]:
    """The names of icons that occur in the pages, or as a word of their own in Streamlit's scripts."""
    pages = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")])
    scripts = "\n".join(
        path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js") if not WITHOUT_ICONS.search(path.name)
    )
    found = set(re.findall(r":material/([a-z_0-9]+)", pages + scripts))
    return (found | set(re.findall(r"(?<=[`'\":])[a-z_0-9]{2,40}(?=[`'\":])", scripts))) & names(original())


def make() -> bytes:
    """The font with the needed icons, as WOFF2."""
    font, wanted = original(), needed()
    for holder, name, ligature in list(ligatures(font)):
        if name not in wanted:
            holder.remove(ligature)
    options = subset.Options()
    options.layout_features, options.glyph_names = ["*"], False
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(file := BytesIO())
    return file.getvalue()


def ligatures(font: TTFont) -> Iterator[tuple[list[object], str, object]]:
    """Each ligature, with the list that holds it and its name."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for outer in lookup.SubTable:
            table = getattr(outer, "ExtSubTable", outer)
            for first, ligatures in (table.ligatures if table.LookupType == 4 else {}).items():
                for ligature in ligatures:
                    yield (
                        ligatures,
                        "".join(letters.get(glyph, "?") for glyph in [first, *ligature.Component]),
                        ligature,
                    )


if __name__ == "__main__":
    FILE.write_bytes(make())
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes, {len(needed())} icons")
