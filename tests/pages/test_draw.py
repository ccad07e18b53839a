"""The draw page, run as Streamlit runs it, with strokes put in the canvas' place."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import DeletedFile
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.reporting.picture_steps import DIGIT_COLOUR, SHEET_COLOUR
from pages.parts import cached_runs
from pages.parts.streamlit_seam import upload_of
from tests.conftest import ROOT, canvas_json, three
from tests.photographed import jpeg, on_paper, on_table, photographed

Show = Callable[..., AppTest]


@pytest.fixture
def canvas(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the visitor has on the canvas, how the page called it, and whether it keeps its answers back."""
    state = SimpleNamespace(drawing=None, calls=[], silent=False)

    def st_canvas(**options: Any) -> SimpleNamespace:
        # As in a browser: a new initial drawing is taken over, and reported from the next run on only.
        reported = state.drawing
        if (
            not state.silent
            and options["initial_drawing"] is not None
            and (not state.calls or options["initial_drawing"] != state.calls[-1]["initial_drawing"])
        ):
            state.drawing = {"version": "7.4.0", "objects": options["initial_drawing"]["objects"]}
        state.calls.append(options)
        return SimpleNamespace(json_data=reported)

    monkeypatch.setattr("pages.parts.canvas.st_canvas", st_canvas)
    return state


def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)


def panel(page: AppTest) -> str:
    """The HTML of the predictions panel, or of the panel of a number."""
    return next(html.proto.body for html in page.get("html") if "<div class='duel" in html.proto.body)


def plain_resize(page: AppTest) -> str:
    """The HTML about the canvas that is simply shrunk."""
    return next(html.proto.body for html in page.get("html") if "class='plain-resize'" in html.proto.body)


def digits_predicted(page: AppTest) -> list[str]:
    return re.findall(r"class='answer'[^>]*><b>(.)<", panel(page))


def verdict(page: AppTest) -> str:
    return re.search(r"class='verdict'>([^<]*)<", panel(page))[1]  # type: ignore[index]


def test_a_blank_canvas_invites_and_predicts_nothing(canvas: SimpleNamespace) -> None:
    page = app().run()
    assert not page.exception
    assert verdict(page) == "Draw a digit, 0 to 9."
    assert digits_predicted(page) == ["–", "–"]
    assert "%" not in re.sub(r"style='[^']*'", "", panel(page))


def test_on_a_blank_canvas_the_buttons_that_need_a_drawing_do_nothing(canvas: SimpleNamespace) -> None:
    page = app().run()  # in a browser they are disabled; a press may still be under way
    for button in ("draw_undo", "draw_clear", "draw_was_3"):
        page.button(key=button).click().run()
        assert not page.exception
        assert not page.warning
        assert verdict(page) == "Draw a digit, 0 to 9."
    assert {str(call["initial_drawing"]) for call in canvas.calls} == {"None"}, "the canvas was emptied once more"


def test_both_models_predict_a_drawing_at_once(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    page = app().run()
    assert not page.exception
    assert digits_predicted(page) == ["3", "3"]
    assert verdict(page).startswith("Both predict a 3.")
    assert re.findall(r"class='row' data-digit='(\d)'", panel(page)) == list("0123456789")
    for side in ("left", "right"):
        assert len(re.findall(rf"class='bar(?: won)?' data-side='{side}'><i style='width:\d", panel(page))) == 10
        assert re.findall(rf"class='bar won' data-side='{side}'><i style='width:(\d+)", panel(page)) in (
            ["99"],
            ["100"],
        )
    assert len(re.findall(r"in \d+\.\d\d ms", panel(page))) == 2


def test_every_picture_and_chart_has_a_text_alternative(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    html = panel(app().run())
    (image,) = re.findall(r"<img[^>]*>", html)
    assert " alt='The 28 by 28 pixels" in image
    assert len(re.findall(r"role='img' aria-label='Probability of each digit\. 0: ", html)) == 2
    assert "role='status'" in html


def test_a_tap_is_not_taken_for_a_digit(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json([np.array([[200.0, 200.0], [200.05, 200.0]])])
    page = app().run()
    assert verdict(page) == "That is a dot."
    assert digits_predicted(page) == ["–", "–"]


def test_clear_empties_the_canvas_and_undo_takes_one_stroke(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json([*three(), np.array([[10.0, 10.0], [400.0, 400.0]])])
    page = app().run()
    page.button(key="draw_undo").click().run()
    assert len(canvas.drawing["objects"]) == 1
    assert verdict(page).startswith("Both predict a 3.")
    page.run()  # the browser reports the drawing that it took over
    assert verdict(page).startswith("Both predict a 3.")
    page.button(key="draw_clear").click().run()
    assert verdict(page) == "Draw a digit, 0 to 9."
    version = canvas.calls[-1]["initial_drawing"]
    page.button(key="draw_clear").click().run()
    assert canvas.calls[-1]["initial_drawing"] == version, "the canvas was emptied once more"


def test_undo_pressed_faster_than_the_browser_answers_counts_every_press(canvas: SimpleNamespace) -> None:
    lines = [np.array([[20.0 * n, 20.0], [20.0 * n, 200.0]]) for n in range(1, 7)]
    canvas.drawing = canvas_json(lines)
    canvas.silent = True
    page = app().run()
    for left in (5, 4, 3):
        page.button(key="draw_undo").click().run()
        assert f"data-strokes='{left}'" in panel(page)
    canvas.silent, canvas.drawing = False, {"version": "7.4.0", "objects": canvas_json(lines)["objects"][:5]}
    page.run()  # the browser's answer to the first press comes late
    assert "data-strokes='3'" in panel(page)


def test_a_rejected_picture_leaves_no_old_prediction_and_names_the_file(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    page = app().run()
    name = "<b>" + "long" * 50 + ".png"
    page.get("file_uploader")[0].set_value((name, b"nonsense", "image/png")).run()
    assert not page.exception
    assert "PNG, JPEG or WebP" in page.warning[0].value
    assert len(page.warning[0].value) < 200
    assert verdict(page) == "Draw a digit, 0 to 9."


def test_a_photograph_shows_the_sheet_the_ink_and_the_digit_that_were_found(canvas: SimpleNamespace) -> None:
    page = app().run()
    photograph = photographed(on_table(on_paper(three(150, left=190, top=90))))
    page.get("file_uploader")[0].set_value(("desk.jpg", jpeg(photograph), "image/jpeg")).run()
    assert not page.exception
    board = np.asarray(canvas.calls[-1]["background_image"], int)
    for colour in (SHEET_COLOUR, DIGIT_COLOUR):
        assert (np.abs(board - colour).sum(axis=2) < 12).sum() > 100
    assert "desk.jpg: the sheet (yellow) and the digit (blue)" in panel(page)
    assert digits_predicted(page) == ["3", "3"]


def test_a_file_that_the_page_has_taken_over_is_not_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # A slow browser reports it once more. Streamlit then gives an object without content.
    monkeypatch.setattr(st, "session_state", {"uploader": DeletedFile("a file's id")})
    assert upload_of("uploader") is None


def test_what_may_be_no_digit_gets_a_calm_remark_and_a_prediction_all_the_same(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(
        [
            np.array([[60.0, 60.0], [380.0, 380.0]]),
            np.array([[380.0, 60.0], [60.0, 380.0]]),
            np.array([[60.0, 220.0], [380.0, 220.0]]),
        ]
    )
    page = app().run()
    assert verdict(page).startswith("This may be no digit: ")
    assert "–" not in digits_predicted(page)
    assert panel(page).count("class='side unsure'") == 2
    for side in ("draw_left", "draw_right"):
        page.selectbox(key=side).set_value("cnn-specified").run()
    assert "may be no digit" not in panel(page)
    canvas.drawing = canvas_json(three())
    assert "may be no digit" not in panel(app().run())


def test_nonsense_from_the_browser_is_a_message_and_clear_mends_it(canvas: SimpleNamespace) -> None:
    canvas.drawing = {"objects": [{"type": "rect"}]}
    page = app().run()
    assert not page.exception
    assert "Clear the canvas" in page.error[0].value
    page.button(key="draw_clear").click().run()
    assert not page.error
    assert verdict(page) == "Draw a digit, 0 to 9."


def test_a_test_digit_goes_the_same_way_with_its_true_label(
    canvas: SimpleNamespace, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.randrange", lambda count: 0)
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    assert "MNIST test digit 0, labelled 7." in panel(page)
    assert digits_predicted(page) == ["7", "7"]
    assert isinstance(canvas.calls[-1]["background_image"], Image.Image)
    page.button(key="draw_clear").click().run()
    assert verdict(page) == "Draw a digit, 0 to 9."


def test_a_test_digit_that_is_uncertain_keeps_its_label(
    canvas: SimpleNamespace, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mnist_core.metrics.entropy.common_threshold", lambda thresholds: -1.0)
    monkeypatch.setattr("random.randrange", lambda count: 0)
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    assert "MNIST test digit 0, labelled 7. The models find a little of several digits in it." in panel(page)
    assert verdict(page) == "This may be no digit: both guess 7."


@pytest.mark.parametrize(("threshold", "unsure"), [(0.7, 0), (1.01, 2)])
def test_an_answer_below_the_stated_confidence_is_drawn_as_unsure(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, threshold: float, unsure: int
) -> None:
    monkeypatch.setattr("mnist_core.reporting.agreement.UNSURE", threshold)
    canvas.drawing = canvas_json(three())
    page = app().run()
    assert panel(page).count("class='side unsure'") == unsure
    assert verdict(page) == ("Neither is sure: both guess 3." if unsure else "Both predict a 3.")


def test_the_very_same_strokes_after_a_clear_are_a_new_drawing(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    page = app().run()
    page.button(key="draw_clear").click().run()
    page.run()  # the browser answers with its empty canvas
    assert digits_predicted(page) == ["–", "–"]
    canvas.drawing = canvas_json(three())
    page.run()
    assert digits_predicted(page) == ["3", "3"]


def test_drawing_on_a_test_digit_begins_afresh(
    canvas: SimpleNamespace, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.randrange", lambda count: 0)
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    canvas.drawing = canvas_json(three())
    page.run()
    assert digits_predicted(page) == ["3", "3"]
    assert "test digit" not in panel(page)


def test_without_mnist_a_test_digit_comes_from_scikit_learn_and_the_page_says_so(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "nowhere.npz"))
    monkeypatch.setattr("random.randrange", lambda count: 0)
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    assert not page.exception
    assert "Test digit 0 of scikit-learn&#39;s small set, labelled" in panel(page)
    assert "MNIST is not on this machine." in panel(page)
    assert "–" not in digits_predicted(page)


def test_a_damaged_data_set_is_a_message_and_the_page_goes_on(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"broken")
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mnist.npz"))
    st.cache_resource.clear()
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    assert not page.exception
    assert "cannot be read" in page.warning[0].value
    assert verdict(page) == "Draw a digit, 0 to 9."


def test_the_models_are_a_choice_that_a_url_can_make(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    page = app()
    page.query_params["draw_left"] = "cnn-specified"
    page.query_params["draw_right"] = "cnn-specified"
    page.run()
    assert page.selectbox(key="draw_left").value == "cnn-specified"
    assert panel(page).count("aria-label='CNN, specified'") == 2
    assert page.button_group(key="draw_recipe").value is None
    page.selectbox(key="draw_right").set_value("mlp-specified").run()
    assert panel(page).count("aria-label='MLP, specified'") == 1


def test_one_choice_puts_both_models_of_a_recipe_into_the_pickers(canvas: SimpleNamespace) -> None:
    page = app().run()
    pickers = [page.selectbox(key=f"draw_{side}") for side in ("left", "right")]
    assert [picker.value for picker in pickers] == ["mlp-robust", "cnn-robust"]
    assert page.button_group(key="draw_recipe").value == "robust"
    assert any("trained on distorted digits" in caption.value for caption in page.caption)
    page.button_group(key="draw_recipe").set_value("specified").run()
    assert [page.selectbox(key=f"draw_{side}").value for side in ("left", "right")] == [
        "mlp-specified",
        "cnn-specified",
    ]
    page.selectbox(key="draw_left").set_value("mlp-robust").run()
    assert page.button_group(key="draw_recipe").value is None
    page.selectbox(key="draw_right").set_value("cnn-robust").run()
    assert page.button_group(key="draw_recipe").value == "robust"
    page.button_group(key="draw_recipe").set_value(None).run()  # pressed once more
    assert page.selectbox(key="draw_left").value == "mlp-robust"
    assert page.button_group(key="draw_recipe").value == "robust"


def test_the_invitation_on_the_canvas_goes_with_the_first_stroke_and_comes_back_after_clear(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        "pages.parts.canvas.dress_canvas", lambda label, **options: shown.append(options["placeholder"])
    )
    page = app().run()
    assert shown[-1] == "Draw a digit here"
    canvas.drawing = canvas_json(three())
    page.run()
    assert shown[-1] == ""
    page.button(key="draw_clear").click().run()
    assert shown[-1] == "Draw a digit here"


def test_an_unknown_run_in_the_url_falls_back_to_the_default_and_the_page_says_so(canvas: SimpleNamespace) -> None:
    page = app()
    page.query_params["draw_left"] = "../../etc/passwd"
    page.run()
    assert not page.exception
    assert page.selectbox(key="draw_left").value == "mlp-robust"
    told = "The link names `../../etc/passwd`, of which there is no usable model here; others predict instead."
    assert any(told in caption.value for caption in page.run().caption)
    for name in ("mlp-specified", "mlp-robust"):  # nor does it come back with what it was said of
        page.selectbox(key="draw_left").set_value(name).run()
        assert not any("The link names" in caption.value for caption in page.caption)


def test_the_plain_resize_is_shown_beside_the_recipe_on_request(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three(100, 20, 300))
    page = app().run()
    assert "<div class='plain-resize'" not in "".join(html.proto.body for html in page.get("html"))
    page.toggle(key="draw_plain").set_value(True).run()
    assert digits_predicted(page) == ["3", "3"]
    pattern = r"Simply shrunk, the MLP predicts \d \([^)]*%\) and the CNN predicts \d \([^)]*%\)\."
    assert re.search(pattern, plain_resize(page))
    canvas.drawing = None
    page.run()
    assert "Draw a digit to see what both models predict" in plain_resize(page)


def test_without_runs_the_page_says_how_to_train(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    cached_runs.listed.clear()
    page = app().run()
    cached_runs.listed.clear()
    assert not page.exception
    assert "make train" in page.error[0].value


def test_no_page_brings_tensorflow_or_keras_into_the_server() -> None:
    code = """
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=60).run()
assert not page.exception, page.exception
print(sorted(name for name in sys.modules if name.split(".")[0] in {"tensorflow", "keras"}))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip().splitlines()[-1] == "[]"


def test_no_page_file_lies_where_streamlit_would_run_it_without_the_app() -> None:
    assert list((ROOT / "pages").glob("*.py")) == []


def test_a_drawing_outlives_the_session_that_knew_it(canvas: SimpleNamespace) -> None:
    first = app().run()
    canvas.drawing = canvas_json([*three(), *three(left=200.0)])
    first.run()
    first.button(key="draw_undo").click().run()
    first.run()
    assert canvas.calls[-1]["initial_drawing"]["digit_duel_version"] == 1
    second = app().run()  # the browser reports what is on the canvas to a server that has never seen it
    assert not second.exception
    assert digits_predicted(second) == ["3", "3"]
    assert canvas.calls[-1]["initial_drawing"]["objects"] == canvas_json(three())["objects"]
    second.run()
    second.button(key="draw_undo").click().run()
    assert digits_predicted(second.run()) == ["–", "–"]


@pytest.mark.parametrize("objects", [[7], "nonsense", [{"type": "Path", "path": 7}]])
def test_an_impossible_drawing_from_before_the_session_is_a_message(canvas: SimpleNamespace, objects: object) -> None:
    canvas.drawing = {"objects": objects}
    page = app().run()
    assert not page.exception
    assert any("The canvas sent" in error.value or "draw again" in error.value for error in page.error)
