"""A number on the draw page: drawn or on a picture, said digit by digit, and taken along to the page Why."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.draw.number_panel import verdict
from pages.parts.canvas import SIDE, digit_picture
from tests.conftest import canvas_json, three
from tests.pages.test_draw import app, canvas, panel, plain_resize
from tests.pages.test_score import counts
from tests.photographed import jpeg, on_paper, on_table, photographed

__all__ = ["canvas"]

NUMBER = [*three(150, left=60, top=120), *three(140, left=190, top=130), *three(160, left=310, top=115)]


def said(page: AppTest) -> list[str]:
    """What stands beside the ten buttons."""
    pattern = r"<span class='was (?:typed|counted)'.*?>(.*?)</span>"
    found = (re.search(pattern, each.proto.body) for each in page.get("html"))
    return [each[1] for each in found if each]


def rows(page: AppTest) -> list[list[str]]:
    """What both models predict for each digit, from left to right."""
    found = re.findall(r"<div class='row[^>]*role='listitem'.*?</div>", panel(page), re.DOTALL)
    return [re.findall(r"<b data-side='\w+'>(.*?)</b>", row) for row in found]


@pytest.fixture
def number(canvas: SimpleNamespace) -> AppTest:
    """The page with the number 333 on its canvas."""
    canvas.drawing = canvas_json(NUMBER)
    return app().run()


def test_a_drawn_number_is_read_by_both_models_digit_by_digit(number: AppTest) -> None:
    assert "Both read 333." in panel(number)
    assert rows(number) == [["3", "3"]] * 3
    assert panel(number).count("data:image/png") == 3
    assert "data-answered='yes'" in panel(number)  # the buttons that say what it was are enabled
    assert not number.exception


def test_with_a_digit_less_the_page_is_as_ever(number: AppTest, canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(NUMBER[:1])
    number.run()
    assert "Both predict a 3." in panel(number)
    assert "<div class='duel' " in panel(number)
    assert rows(number) == []


def test_what_it_was_is_pressed_digit_by_digit_and_counts_once(number: AppTest) -> None:
    assert said(number) == []
    number.button(key="draw_was_3").click().run()
    assert said(number) == ["3··"]
    assert "counted here" in counts(number)
    for digit in (3, 5):
        number.button(key=f"draw_was_{digit}").click().run()
    assert said(number) == ["335, counted"]
    assert "MLP 0 of 1" in counts(number)
    for digit in (3, 3, 3):
        number.button(key=f"draw_was_{digit}").click().run()
    assert said(number) == ["333, counted"]
    assert "MLP 1 of 1" in counts(number)
    assert panel(number).count("✓ correct") == 2


def press(page: AppTest, *what: str) -> None:
    """Press buttons below the panel, one after another: digits, "more", "done"."""
    for each in what:
        page.button(key=f"draw_was_{each}").click().run()
    assert not page.exception


def test_a_number_of_fewer_digits_than_the_models_found_is_said_and_counts_as_incorrect(number: AppTest) -> None:
    press(number, "3")
    press(number, "done")
    assert said(number) == ["3, counted"]
    assert "MLP 0 of 1" in counts(number)
    assert panel(number).count("✗ incorrect") == 2
    press(number, "3", "3", "3")
    assert said(number) == ["333, counted"]
    assert "MLP 1 of 1" in counts(number)


def test_a_number_of_more_digits_with_zeros_at_its_front_is_said_and_stays_when_it_is_brought_back(
    canvas: SimpleNamespace,
) -> None:
    canvas.drawing = canvas_json(NUMBER[:1])
    page = app().run()
    press(page, "0")
    assert said(page) == ["counted"]
    press(page, "more", "0")
    assert said(page) == ["00…"]
    press(page, "7", "done")
    assert said(page) == ["007, counted"]
    assert "MLP 0 of 1" in counts(page)
    (tile,) = page.session_state["draw_score_kept"].marks
    assert (tile.label, set(tile.answers.values())) == ("007", {"3"})
    press(page, "more", "1")
    canvas.drawing = canvas_json(NUMBER[:2])  # what is typed for one drawing does not go over to another
    page.run()
    assert said(page) == []
    canvas.drawing = canvas_json(NUMBER[:1])
    page.run()
    press(page, "done")
    assert said(page) == ["0071, counted"]
    assert page.switch_page("pages/why/why.py").run() is not None
    assert not page.exception


def test_more_digits_pressed_just_after_a_new_stroke_asks_for_nothing(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(NUMBER[:1])
    page = app().run()
    press(page, "3")
    canvas.drawing = canvas_json(NUMBER[:2])
    press(page, "more")
    assert said(page) == []
    press(page, "3", "3")
    assert said(page) == ["33, counted"]
    assert "MLP 2 of 2" in counts(page)


def test_a_number_ends_by_itself_at_twelve_digits(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(NUMBER[:1])
    page = app().run()
    press(page, "1", "more", *"23456789012")
    assert said(page) == ["123456789012, counted"]
    assert "draw_was_more" not in {each.key for each in page.button}


def test_digits_that_were_pressed_for_another_drawing_do_not_count(number: AppTest, canvas: SimpleNamespace) -> None:
    number.button(key="draw_was_3").click().run()
    canvas.drawing = canvas_json(NUMBER[:2])
    number.run()
    assert said(number) == []
    number.button(key="draw_was_3").click().run()
    assert said(number) == ["3·"]


def test_the_lesson_of_the_plain_resize_says_that_it_is_about_one_digit(number: AppTest) -> None:
    number.toggle(key="draw_plain").set_value(True).run()
    assert "This is about one digit" in plain_resize(number)


def test_a_photograph_of_a_number_is_read_and_each_digit_has_a_box(canvas: SimpleNamespace) -> None:
    page = app().run()
    two = photographed(on_table(on_paper([*three(120, left=80, top=100), *three(120, left=280, top=100)])))
    page.get("file_uploader")[0].set_value(("two.jpg", jpeg(two), "image/jpeg")).run()
    assert not page.warning
    assert "Both read 33." in panel(page)
    assert "the sheet (yellow) and the 2 digits (blue) that were found" in panel(page)


def test_that_a_picture_may_show_two_digits_is_said_and_is_no_part_of_its_name(canvas: SimpleNamespace) -> None:
    page = app().run()
    joined = np.concatenate([*three(150, left=60, top=120), *three(150, left=150, top=120)])
    picture = photographed(on_table(on_paper([joined])))
    page.get("file_uploader")[0].set_value(("joined.jpg", jpeg(picture), "image/jpeg")).run()
    now = page.session_state["draw_content"]
    assert "Two digits? Leave" in now.remark
    assert "Two digits" not in now.label
    assert "Two digits? Leave" in panel(page) or "This may be no digit" in panel(page)


def test_why_takes_up_one_digit_of_the_number_and_offers_the_others(number: AppTest) -> None:
    number.switch_page("pages/why/why.py").run()
    choice = number.get("button_group")
    control = next(each for each in choice if each.key == "why_number_digit")
    assert len(control.options) == 3
    assert not number.exception


def test_the_digit_for_other_pages_is_chosen_anew_when_other_models_read_the_number(
    number: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.draw.number_panel.most_interesting", lambda digits: 2)
    number.session_state["draw_number_digit"] = 0  # the visitor's choice on the page Why
    number.run()
    assert number.session_state["draw_number_digit"] == 0
    number.selectbox(key="draw_left").set_value("mlp-specified").run()
    assert number.session_state["draw_number_digit"] == 2


def test_the_data_set_page_says_which_digit_of_the_number_it_is_about(number: AppTest) -> None:
    number.session_state["draw_number_digit"] = 1
    number.query_params["dataset_view"] = "Your digit"
    number.switch_page("pages/dataset/dataset.py").run()
    assert any("the 2nd of the 3 digits on your canvas" in caption.value for caption in number.caption)
    assert not number.exception


def test_two_digits_that_touch_are_not_silently_one(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json([np.concatenate([*three(150, left=60, top=120), *three(150, left=150, top=120)])])
    page = app().run()
    assert "Two digits? Leave" in panel(page) or "This may be no digit" in panel(page)


def test_the_verdict_says_where_the_models_differ() -> None:
    assert verdict(["MLP", "CNN"], ["1984", "7934"]) == (
        "They differ at digits 1 and 3: the MLP reads 1984, the CNN reads 7934."
    )


def test_the_picture_of_a_number_keeps_its_shape_on_the_canvas() -> None:
    assert digit_picture(np.zeros((28, 28), np.uint8)).size == (SIDE, SIDE)
    assert digit_picture(np.zeros((28, 112), np.uint8)).size == (SIDE, SIDE // 4)
