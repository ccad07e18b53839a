"""The marks of a number on a picture."""

import numpy as np
import pytest
from PIL import Image

from mnist_core.data.number_pictures import find_number
from mnist_core.data.pictures import find_digit
from mnist_core.data.preprocessing import from_strokes
from mnist_core.errors import PictureError
from tests.conftest import three
from tests.photographed import on_paper, on_table, photographed

TWO_THREES = [*three(120, left=80, top=100), *three(120, left=280, top=110)]


@pytest.mark.parametrize("picture", [on_paper(TWO_THREES), photographed(on_table(on_paper(TWO_THREES)))])
def test_each_digit_of_a_number_is_a_mark_with_its_own_place(picture: Image.Image) -> None:
    found = find_number(picture)
    assert len(found.boxes) == 2
    places = [found.corners(box) for box in sorted(found.boxes)]
    assert all((place > 0).all() and (place < 1).all() for place in places)
    assert places[0][:, 0].max() < places[1][:, 0].min()
    assert min(float(np.ptp(place[:, 1])) for place in places) > 0.2


def test_the_digit_of_a_mark_is_that_digit_alone() -> None:
    found = find_number(on_paper(TWO_THREES))
    left = int(np.argmin([box[0] for box in found.boxes]))
    alone = find_digit(on_paper(three(120, left=80, top=100))).digit
    assert np.abs(found.digit_of([left]) - alone).mean() < 0.01


def test_all_marks_together_are_the_digit_that_was_found_without_this() -> None:
    picture = on_paper([*three(120, left=80, top=100), np.array([[60.0, 160.0], [70.0, 240.0]])])
    found = find_number(picture)
    assert len(found.boxes) == 2
    np.testing.assert_array_equal(found.digit_of([0, 1]), find_digit(picture).digit)


def test_a_finished_digit_is_one_mark_even_if_it_is_broken() -> None:
    pixels = from_strokes(three())
    pixels[13:16] = 0
    picture = Image.fromarray((pixels * 255).astype(np.uint8))
    found = find_number(picture)
    assert len(found.boxes) == 1
    np.testing.assert_array_equal(found.digit_of([0]), find_digit(picture).digit)


def test_an_empty_picture_is_said_to_be_empty() -> None:
    with pytest.raises(PictureError, match="nothing drawn"):
        find_number(Image.new("L", (300, 200), 255))
