"""The small font of icons holds every icon that the pages or Streamlit may show, and takes the large one's place."""

import asyncio

import httpx
from fontTools.ttLib import TTFont
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pages.parts.icon_font import FILE, REPLACED, IconFont
from tests import icon_names


def test_the_font_that_is_replaced_is_the_one_in_the_installed_streamlit() -> None:
    assert (icon_names.STATIC / "media" / REPLACED).is_file(), "run python -m tests.icon_names with its new name"


def test_the_small_font_has_every_icon_that_is_named_anywhere() -> None:
    needed = icon_names.needed()
    assert {"draw", "balance", "school", "error", "expand_more", "close", "keyboard_double_arrow_right"} <= needed
    assert needed - icon_names.names(TTFont(FILE)) == set(), "run python -m tests.icon_names"
    assert FILE.stat().st_size < 60_000


def test_the_icons_look_as_in_the_large_font() -> None:
    large, small = icon_names.original(), TTFont(FILE)
    assert small["head"].unitsPerEm == large["head"].unitsPerEm
    drawn = []
    for font in (large, small):
        glyphs = {name: ligature.LigGlyph for _, name, ligature in icon_names.ligatures(font)}
        outlines = font["glyf"]
        drawn.append({name: outlines[glyphs[name]].coordinates for name in ("draw", "school", "close")})
    assert drawn[0] == drawn[1]


def test_only_the_font_is_answered_by_it() -> None:
    routes = [Route("/{path:path}", lambda request: PlainTextResponse("Streamlit"))]
    app = Starlette(routes=routes, middleware=[Middleware(IconFont)])

    async def get(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
            return await client.get(path)

    for prefix in ("", "/duel"):
        answer = asyncio.run(get(f"{prefix}/static/media/{REPLACED}"))
        assert (answer.headers["Content-Type"], answer.content) == ("font/woff2", FILE.read_bytes())
        assert "immutable" in answer.headers["Cache-Control"]
    assert asyncio.run(get("/static/media/SourceSansVF-Upright.ttf.woff2")).text == "Streamlit"
