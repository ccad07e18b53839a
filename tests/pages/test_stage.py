"""The stage and the keys of the draw page."""

from types import SimpleNamespace

from pages.draw.keys import BUTTONS
from tests.pages.test_draw import app, canvas

__all__ = ["canvas"]


def test_the_stage_is_in_the_address_and_its_button_enters_and_leaves_it(canvas: SimpleNamespace) -> None:
    page = app().run()
    assert page.button(key="draw_stage").label == "Stage"
    page.button(key="draw_stage").click().run()
    assert page.query_params["stage"] == "true"
    assert page.button(key="draw_stage").label == "Leave stage"
    page.button(key="draw_stage").click().run()
    assert "stage" not in page.query_params
    assert page.button(key="draw_stage").label == "Stage"


def test_every_key_presses_a_button_that_is_on_the_page(canvas: SimpleNamespace) -> None:
    page = app().run()
    on_page = {button.key for button in page.button}
    assert set(BUTTONS.values()) <= on_page
    assert {BUTTONS[str(digit)] for digit in range(10)} == {f"draw_was_{digit}" for digit in range(10)}


def test_the_list_of_keys_names_every_key(canvas: SimpleNamespace) -> None:
    page = app().run()
    page.button(key="draw_keys").click().run()
    assert not page.exception
    listed = next(each.value for each in page.markdown if "Undo the last stroke" in each.value)
    for name in ("N", "T", "0 to 9", "Z or Ctrl+Z", "C or Delete", "F", "Esc", "?"):
        assert f"**{name}**" in listed
