"""The seam to Streamlit.

An upgrade that removes what the seam relies on fails here, and the pages work without any of its pieces.
"""

import dataclasses
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest

from pages.parts import streamlit_seam
from tests.conftest import ROOT

SEAM = ROOT / "pages" / "parts" / "streamlit_seam"
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*/*.py") if path.stem == path.parent.name)
STYLES = "".join((SEAM / f"{name}.css").read_text(encoding="utf-8") for name in ("streamlit", "stage"))
ELEMENTS = sorted(
    {
        name
        for pattern in (r"\.(st[A-Z]\w+)", r'data-testid="(\w+)"', r"\[(data-(?!testid)\w+)\]", r"#([\w-]+-element)\b")
        for name in re.findall(pattern, STYLES)
    }
)
PRIVATE = re.compile(
    r"data-testid|data-baseweb|data-tag|\.st[A-Z]\w+|st-key-|get_script_run_ctx|streamlit\.runtime"
    r"|pushState|replaceState|shadowRoot|dc-toolbar|upper-canvas"
)


@cache
def front_end() -> str:
    """All scripts of Streamlit's front end."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.js")))


@pytest.mark.parametrize("name", [*ELEMENTS, "st-key-"])
def test_streamlit_still_has_the_elements_that_the_styles_name(name: str) -> None:
    assert name in front_end(), f"streamlit.css arranges {name}, which Streamlit {streamlit.__version__} does not draw"


def test_the_styles_name_the_elements_that_are_known_here() -> None:
    assert {"stMainBlockContainer", "stLayoutWrapper", "stColumn", "vg-tooltip-element"} <= set(ELEMENTS)


def test_a_primary_button_can_still_be_told_from_others() -> None:
    assert "`stBaseButton-${" in front_end()


def test_popovers_and_dialogs_still_say_that_they_are_dialogs() -> None:
    assert re.search(r'"data-testid":`stPopoverBody`[^{}]*role:`dialog`', front_end())


@pytest.mark.parametrize("name", ["pushState", "replaceState"])
def test_the_front_end_still_writes_its_history_as_the_repair_expects(name: str) -> None:
    assert f"window.history.{name}({{}},``," in front_end()


def test_streamlit_can_still_be_kept_from_its_old_navigation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    streamlit_seam.use_own_navigation()
    assert PagesManager.uses_pages_directory is False


def test_components_still_have_an_open_shadow_root() -> None:
    assert re.search(r"attachShadow\(\{mode:[`\"']open", front_end())


@pytest.mark.parametrize("name", ["dc-toolbar", "dc-canvas", "upper-canvas"])
def test_the_canvas_package_still_has_what_is_dressed(name: str) -> None:
    package = distribution("streamlit-drawable-canvas")  # not imported: outside of a server it cannot be
    folder = Path(str(package.locate_file("streamlit_drawable_canvas"))) / "frontend" / "build"
    assert any(name in path.read_text(encoding="utf-8") for path in folder.glob("index-*.js"))


def test_a_script_still_learns_that_back_or_forward_caused_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is_history_navigation" in {field.name for field in dataclasses.fields(ScriptRunContext)}
    monkeypatch.setattr(streamlit_seam, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=True))
    assert streamlit_seam.is_history_navigation()
    monkeypatch.setattr(streamlit_seam, "get_script_run_ctx", lambda: SimpleNamespace())
    assert not streamlit_seam.is_history_navigation()


def test_a_script_still_learns_whether_only_fragments_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fragment_ids_this_run" in {field.name for field in dataclasses.fields(ScriptRunContext)}
    monkeypatch.setattr(streamlit_seam, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=["one"]))
    assert streamlit_seam.is_run_of_fragments()
    monkeypatch.setattr(streamlit_seam, "get_script_run_ctx", lambda: SimpleNamespace(fragment_ids_this_run=None))
    assert not streamlit_seam.is_run_of_fragments()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_works_without_any_piece_of_the_seam(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for piece in ("_page_history", "_canvas_dressing", "_scroll_into_view", "_key_presses", "_guarded_buttons"):
        monkeypatch.setattr(streamlit_seam, piece, lambda **options: None)
    monkeypatch.setattr(streamlit_seam, "get_script_run_ctx", lambda: None)
    monkeypatch.setattr(streamlit_seam, "text_of", lambda path: "")
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **options: SimpleNamespace(json_data=None))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{page}/{page}.py").run()
    assert not app.exception
    assert "<h1>" in app.get("html")[0].proto.body


@pytest.mark.parametrize(
    "path",
    [
        path
        for kind in ("py", "js", "css", "html", "j2")
        for path in sorted((ROOT / "pages").rglob(f"*.{kind}"))
        if SEAM not in path.parents and path != SEAM.with_suffix(".py")
    ],
    ids=lambda path: path.name,
)
def test_nothing_but_the_seam_relies_on_private_parts(path: Path) -> None:
    assert not PRIVATE.findall(path.read_text(encoding="utf-8"))
