"""The one place that relies on private parts of Streamlit 1.67 and of streamlit-drawable-canvas 0.13.

Each piece says what it relies on, what is lost without it, and when it can go. A test fails when an upgrade removes
what a piece relies on; the pages work without any of them. The pieces' JavaScript and CSS lie in the folder
streamlit_seam/.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.parts.assets import component, text_of

FOLDER = Path(__file__).with_suffix("")

_page_history = component(FOLDER / "page_history", isolate_styles=False)
_canvas_dressing = component(FOLDER / "canvas_dressing", isolate_styles=False)
_scroll_into_view = component(FOLDER / "scroll_into_view", isolate_styles=False)
_full_screen = component(FOLDER / "full_screen", isolate_styles=False)
_key_presses = component(FOLDER / "key_presses", isolate_styles=False)
_guarded_buttons = component(FOLDER / "guarded_buttons", isolate_styles=False)


def styles() -> str:
    """The style sheet that arranges what Streamlit draws: columns, the canvas, the width of a page.

    Relies on: Streamlit's class names (.stMainBlockContainer), its attributes data-testid and data-tag, and Vega's id
    of a chart's tooltip.
    Lost without it: the arrangement; columns stand below each other, and the canvas does not fit a phone.
    Can go: when Streamlit offers a grid whose columns follow the width of the screen.
    """
    return text_of(FOLDER / "streamlit.css")


def container_class(key: str) -> str:
    """The class name of the container with that key, for use in JavaScript.

    Relies on: the class st-key-KEY that Streamlit gives an element with a key, which its documentation promises.
    Lost without it: what the styles and the pieces below find by this class.
    Can go: never, as long as any of them is needed.
    """
    return f"st-key-{key}"


def repair_history(pages: Sequence[str], *, first_page: str) -> None:
    """Have Back lead to the page before, with what was chosen there. pages: their addresses. first_page: the one at
    the root.

    Relies on: Streamlit's front end calling history.pushState and replaceState, and query parameters beginning with
    their page's name.
    Lost without it: Back needs two presses after a choice; pressed quickly, Back and Forward may show another page
    than the address says.
    Can go: when Streamlit replaces the address of a page that stays (streamlit/streamlit, pull request 16831) and
    drops late answers.

    Some cases: When the server writes a choice into the address, Streamlit adds an entry to the history, though the
    page stays; it is replaced instead. After a click on another page, the choices of that page can arrive while the
    address is still that of the page being left; that page gets its own address back before the next one is added.
    After Back or Forward the address is correct at once; an answer of the server about a page that the visitor has
    passed is left out.
    """
    _page_history(data={"pages": list(pages), "first_page": first_page}, key="page_history")


def is_history_navigation() -> bool:
    """Whether Back or Forward caused this run of the page; then the address says what was chosen.

    Relies on: is_history_navigation of the context in which Streamlit runs a script.
    Lost without it: Back to a page shows the models picked last instead of those picked there.
    Can go: when st.context offers the same.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


WITHOUT_DRAWING = (
    "Drawing takes a mouse, a pen or a finger. Without one, the buttons Test digit and Picture put a digit here."
)


def is_run_of_fragments() -> bool:
    """Whether only fragments run now, not the whole page.

    Relies on: fragment_ids_this_run of the context in which Streamlit runs a script.
    Lost without it: Undo and Clear run the whole page.
    Can go: when a callback may name the fragments to run whatever runs now. At present, a press that Streamlit has put
    into one run with a click on another page would end that page's run.
    """
    return bool(getattr(get_script_run_ctx(), "fragment_ids_this_run", None))


def dress_canvas(
    label: str, *, placeholder: str, version: int, box: str, key: str, description: str = WITHOUT_DRAWING
) -> None:
    """Give the drawing canvas a name and a description for screen readers, hide its toolbar, and invite to draw.

    placeholder: text on the canvas until the pen touches it; empty while there is something on it. version: of the
    canvas' content; a new one may show the placeholder again. box: key of the container that holds the canvas.

    Relies on: the open shadow root of components, and .dc-toolbar, .dc-canvas and .upper-canvas within the canvas
    package.
    Lost without it: the name, the description and the invitation; and on a touch screen the toolbar, which stays
    unseen, takes the touches in the upper right corner.
    Can go: when st_canvas takes a label and can leave out its toolbar.
    """
    data = {
        "label": label,
        "description": description,
        "placeholder": placeholder,
        "version": version,
        "box": container_class(box),
    }
    _canvas_dressing(data=data, key=key)


def canvas_class() -> str:
    """The class name of the canvas element that takes the pen, for use in JavaScript that listens to the pen.

    Relies on: .upper-canvas within the canvas package, whose Fabric begins a stroke at mousedown or touchstart there
    and takes the rest of the stroke from the document.
    Lost without it: the predictions while the pen is down; the server still predicts at pen-up.
    Can go: when st_canvas tells of a stroke while it is drawn.
    """
    return "upper-canvas"


def scroll_into_view(container: str, *, key: str) -> None:
    """Scroll to the container with that key, within which this is called. A new key scrolls again.

    Relies on: the class st-key-KEY, see container_class.
    Lost without it: the visitor scrolls to the run by hand.
    Can go: when Streamlit can scroll to an element.
    """
    _scroll_into_view(data={"container": container_class(container)}, key=key)


def press_by_keys(buttons: Mapping[str, str], *, key: str) -> None:
    """Let keys of the keyboard press the page's buttons.

    buttons: the key of the button by the key of the keyboard, in lower case, as in KeyboardEvent.key; "Control+z" with
    Control held down. Nothing is pressed while the visitor types, or while a dialog is open.

    Relies on: the class st-key-KEY, see container_class.
    Lost without it: the keys; every button can still be pressed itself.
    Can go: when Streamlit's st.button takes a key of the keyboard for every button, several keys, and not while a
    dialog is open.
    """
    _key_presses(data={"buttons": {pressed: container_class(button) for pressed, button in buttons.items()}}, key=key)


def guard_buttons(
    disabled: Mapping[str, str], *, held: Sequence[str], panel: str, names: Mapping[str, str], key: str
) -> None:
    """Have the browser disable buttons that would do nothing, and hold presses until all before them is answered.

    The canvas sends a stroke 200 ms after pen-up. A press in between would meet the drawing without that stroke. So it
    waits for the panel that has it, and so does a press until the one before is answered, because the server may take
    two presses in one run for one. A stroke that is on its way enables the buttons: it may make them useful.

    disabled: CSS selectors by the key of the button. While an element of the page matches, the button is disabled. The
    server must still expect that it is pressed. held: keys of the buttons, or of containers of one link, that wait.
    panel: the CSS selector of the panel whose data-number, data-version and data-strokes tell what it answers. names:
    for screen readers, by the key of the button, where its text does not say what it does.

    Relies on: the class st-key-KEY, see container_class, and a button that Streamlit draws as a <button> and presses
    by click.
    Lost without it: buttons that do nothing look as if they did something, and a press right after pen-up acts on the
    drawing without its last stroke; a button that shows a digit is named by the digit alone.
    Can go: when a fragment can disable a button outside of itself without sending it again, st_canvas sends a stroke
    at once, and st.button takes a name.
    """
    _guarded_buttons(
        data={
            "disabled": {container_class(name): css for name, css in disabled.items()},
            "held": [container_class(name) for name in held],
            "panel": panel,
            "names": {container_class(name): spoken for name, spoken in names.items()},
        },
        key=key,
    )


def held_uploads(session: str | None = None) -> tuple[int, int]:
    """How many uploaded files the server holds, and their bytes: of one session, or of all.

    Relies on: the manager of uploaded files of Streamlit's runtime, and its file_storage.
    Lost without it: the limits on the files that a visitor and all visitors leave on the server.
    Can go: when Streamlit limits what a session may upload.
    """
    by_session: dict[str, dict[str, Any]] = getattr(_upload_manager(), "file_storage", {})
    held = [by_session.get(session, {})] if session else list(by_session.values())
    sizes = [len(file.data) for files in held for file in list(files.values())]
    return len(sizes), sum(sizes)


def upload_of(key: str) -> UploadedFile | None:
    """The file in the uploader with that key; None if there is none, or if it was forgotten, see `forget_upload`.

    Relies on: the class of an uploaded file. For a file that was forgotten, Streamlit gives an object of another class.
    Lost without it: an error on the page when a slow browser reports a file again that the page has taken over.
    Can go: with `forget_upload`.
    """
    upload = st.session_state.get(key)
    return upload if isinstance(upload, UploadedFile) else None


def forget_upload(upload: UploadedFile) -> None:
    """Drop a visitor's uploaded file, once the page has taken over what is in it.

    Relies on: remove_file of the same manager, and file_id of an uploaded file.
    Lost without it: the server holds the file until the visitor leaves.
    Can go: when the file uploader can drop a file by itself.
    """
    context, remove = get_script_run_ctx(), getattr(_upload_manager(), "remove_file", None)
    if remove and context:
        remove(context.session_id, getattr(upload, "file_id", ""))


def _upload_manager() -> Any:
    """What holds the uploaded files of this server; None outside of one."""
    return getattr(Runtime.instance(), "uploaded_file_mgr", None) if Runtime.exists() else None


def full_screen_button(button: str, *, is_on: bool, key: str) -> None:
    """Have the button with that key take the whole screen, or give it back.

    is_on: whether the page is shown as for the whole screen. If the visitor leaves the full screen in another way, such
    as by Escape, the button is pressed for them. A browser that has no full screen, or refuses it, changes nothing.

    Relies on: the class st-key-KEY, see container_class.
    Lost without it: the stage fills the window only.
    Can go: when Streamlit can show a page on the whole screen.
    """
    _full_screen(data={"button": container_class(button), "isOn": is_on}, key=key)


def stage_styles() -> str:
    """The style sheet of the stage: the duel alone on the whole screen.

    Relies on: Streamlit's class names and data-testid attributes, as `styles` does.
    Lost without it: the stage; the page looks as it does off stage.
    Can go: when Streamlit can show a page without its navigation.
    """
    return text_of(FOLDER / "stage.css")


def use_own_navigation() -> None:
    """Keep Streamlit from taking the folder pages/ for its old kind of navigation. To be called when the server starts.

    Relies on: the attribute PagesManager.uses_pages_directory.
    Lost without it: the first visitor of a new server makes a detour by the first page, and sees the dialog "Page not
    found" if a link leads to another page.
    Can go: when Streamlit does not look for a folder pages/ any more.
    """
    if hasattr(PagesManager, "uses_pages_directory"):
        PagesManager.uses_pages_directory = False
