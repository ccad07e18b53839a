"""Outside of a server the canvas package can not be imported, for its assets are registered there; a stand-in takes its place."""

import sys
from types import ModuleType

import pytest

stand_in = ModuleType("streamlit_drawable_canvas")
stand_in.st_canvas = lambda **options: None  # type: ignore[attr-defined]
sys.modules["streamlit_drawable_canvas"] = stand_in


@pytest.fixture(autouse=True)
def runs_are_listed_anew() -> None:
    """Pages keep the list of runs for some seconds, longer than a test takes with a folder of its own."""
    from pages.parts.cached_runs import listed

    listed.clear()
