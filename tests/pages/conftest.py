"""Outside of a server the canvas package can not be imported, for its assets are registered there; a stand-in takes its place."""

import sys
from types import ModuleType

stand_in = ModuleType("streamlit_drawable_canvas")
stand_in.st_canvas = lambda **options: None  # type: ignore[attr-defined]
sys.modules["streamlit_drawable_canvas"] = stand_in
