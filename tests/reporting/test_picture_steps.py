"""The picture of how a digit was found."""

import numpy as np
import pytest
from PIL import Image

from mnist_core.data.pictures import find_digit
from mnist_core.reporting.picture_steps import DIGIT_COLOUR, SHEET_COLOUR, in_words, picture_steps
from tests.conftest import three
from tests.photographed import on_paper, on_table, photographed


def has_colour(image: Image.Image, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(np.asarray(image, int) - colour).sum(axis=2) < 12).sum() > 100)


@pytest.mark.parametrize("turned", [False, True])
def test_the_sheet_and_the_digit_have_outlines_in_a_square_picture(turned: bool) -> None:
    photograph = photographed(on_table(on_paper(three(150, left=190, top=90))))
    photograph = photograph.transpose(Image.Transpose.ROTATE_90) if turned else photograph
    found = find_digit(photograph)
    steps = picture_steps(photograph, found, 448)
    assert steps.size == (448, 448)
    assert has_colour(steps, SHEET_COLOUR)
    assert has_colour(steps, DIGIT_COLOUR)
    assert "sheet" in in_words(found)


def test_without_a_sheet_only_the_digit_has_an_outline() -> None:
    photograph = photographed(on_paper(three(150, left=190, top=90)))
    found = find_digit(photograph)
    steps = picture_steps(photograph, found, 448)
    assert not has_colour(steps, SHEET_COLOUR)
    assert has_colour(steps, DIGIT_COLOUR)
    assert "sheet" not in in_words(found)
