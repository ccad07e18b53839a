"""On photographs, the sheet is found, then the ink on it, and what is not one digit is refused in words."""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.data.paper import find_sheet
from mnist_core.data.pictures import Found, find_digit, from_picture, open_picture
from mnist_core.data.preprocessing import from_strokes
from mnist_core.errors import PictureError
from mnist_core.models.classifier import Classifier
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.store import list_runs, load_run
from tests.conftest import three
from tests.photographed import CORNERS, jpeg, on_paper, on_table, photographed

THREE = three(150, left=190, top=90)


@pytest.fixture(scope="module")
def models() -> list[Classifier]:
    return [Classifier(load_run(name).model_path) for name in default_pair([run.name for run in list_runs()[0]])]


def found_on(image: Image.Image) -> Found:
    return find_digit(open_picture(jpeg(image)))


def unlike_three(found: Found) -> float:
    return float(np.abs(found.digit - from_strokes(THREE)).mean())


@pytest.mark.parametrize("table", ["#7a5230", "#201c1c", "#b8b2a6"])
@pytest.mark.parametrize("shadow", [False, True])
def test_the_corners_of_a_sheet_on_a_table_are_found_whatever_the_table_and_the_light(table: str, shadow: bool) -> None:
    found = found_on(photographed(on_table(on_paper(THREE), table), shadow=shadow))
    assert found.sheet is not None
    assert np.abs(found.sheet - CORNERS).max() < 0.02


@pytest.mark.parametrize("shadow", [False, True])
def test_neither_a_shadow_nor_rules_nor_a_large_digit_are_taken_for_the_edge_of_a_sheet(shadow: bool) -> None:
    for paper in (on_paper(THREE), on_paper(THREE, rules=24), on_paper(three(320, left=120, top=20), width=18)):
        assert find_sheet(np.asarray(photographed(paper, shadow=shadow))) is None


def test_a_strip_of_table_at_one_side_is_no_part_of_the_sheet() -> None:
    scene = on_paper(THREE)
    scene.paste("#7a5230", (0, 0, 60, 360))
    found = found_on(photographed(scene))
    assert found.sheet is not None
    assert found.sheet[:, 0].min() == pytest.approx(60 / 480, abs=0.01)
    assert unlike_three(found) < 0.06


def test_a_digit_that_reaches_the_edge_of_the_picture_is_read_whole_with_its_separate_strokes(
    models: list[Classifier],
) -> None:
    five = [
        np.array([[200.0, 60], [190, 150], [260, 160], [270, 220], [180, 250]]),
        np.array([[200.0, 55], [290, -15]]),
    ]
    for strokes, digit in ((three(300, left=190, top=-3), 3), (five, 5)):
        scene = on_paper(strokes, width=14)
        scene.paste("#7a5230", (0, 0, 60, 360))
        found = found_on(photographed(scene))
        assert found.sheet is not None
        assert found.outline[:, 1].min() == pytest.approx(0, abs=0.005)
        assert [model.predict(found.digit).digit for model in models] == [digit, digit]


@pytest.mark.parametrize(
    "scene",
    [
        lambda: photographed(on_paper(THREE)),
        lambda: photographed(on_paper(THREE), shadow=True),
        lambda: photographed(on_table(on_paper(THREE))),
        lambda: photographed(on_table(on_paper(THREE), "#201c1c"), shadow=True),
        lambda: photographed(on_paper(THREE, rules=24)),
        lambda: photographed(on_paper(THREE, rules=24, ink="#2a3c9c", width=5), shadow=True),
        lambda: photographed(on_paper(THREE, ink="#a8a8a8", width=4)),
        lambda: photographed(on_paper(three(44, left=100, top=240), width=3)),
        lambda: photographed(Image.eval(on_paper(THREE), lambda level: 255 - level)),
    ],
    ids=["plain", "shadow", "table", "dark table", "squares", "blue pen", "pencil", "small", "blackboard"],
)
def test_both_models_read_a_three_on_a_photograph(scene: Callable[[], Image.Image], models: list[Classifier]) -> None:
    found = found_on(scene())
    assert found.is_photograph
    assert [model.predict(found.digit).digit for model in models] == [3, 3]


def test_the_squares_of_the_paper_are_no_part_of_the_digit() -> None:
    plain = found_on(photographed(on_paper(THREE))).digit
    squared = found_on(photographed(on_paper(THREE, rules=24))).digit
    assert np.abs(plain - squared).mean() < 0.03


def test_the_outline_lies_around_the_digit_on_the_photograph() -> None:
    found = found_on(photographed(on_paper(THREE)))
    low, high = found.outline.min(axis=0) * (480, 360), found.outline.max(axis=0) * (480, 360)
    assert np.abs(low - THREE[0].min(axis=0)).max() < 10
    assert np.abs(high - THREE[0].max(axis=0)).max() < 10


def test_a_long_upright_line_is_a_one_and_no_rule(models: list[Classifier]) -> None:
    line = [np.array([[240.0, 40.0], [240.0, 320.0]])]
    found = found_on(photographed(on_paper(line, width=16)))
    assert [model.predict(found.digit).digit for model in models] == [1, 1]


def test_an_empty_sheet_on_a_table_is_said_to_be_empty() -> None:
    with pytest.raises(PictureError, match="nothing drawn on the sheet of paper"):
        from_picture(photographed(on_table(on_paper([]))))


def test_squared_paper_without_a_digit_is_empty() -> None:
    with pytest.raises(PictureError, match="nothing drawn"):
        from_picture(photographed(on_paper([], rules=24)))


def test_several_digits_on_a_photograph_are_said_and_not_guessed() -> None:
    two = [*three(120, left=80, top=100), *three(120, left=280, top=100)]
    with pytest.raises(PictureError, match="several"):
        from_picture(photographed(on_paper(two)))


@pytest.mark.parametrize("shadow", [False, True])
def test_a_dark_disc_is_a_thing_and_a_large_0_is_none(shadow: bool, models: list[Classifier]) -> None:
    for radius in (25, 50, 100, 140):
        scene = on_paper([])
        ImageDraw.Draw(scene).ellipse((240 - radius, 180 - radius, 240 + radius, 180 + radius), fill="#4a3424")
        with pytest.raises(PictureError, match="a thing or its edge"):
            from_picture(photographed(scene, shadow=shadow))
    angle = np.linspace(0, 2 * np.pi, 60)
    zero = [np.stack([240 + 70 * np.sin(angle), 180 - 110 * np.cos(angle)], axis=1)]
    for width in (6, 26):
        found = found_on(photographed(on_paper(zero, width=width), shadow=shadow))
        assert [model.predict(found.digit).digit for model in models] == [0, 0]


def test_a_drawing_is_read_without_opencv() -> None:
    code = (
        "import sys, io; from PIL import Image, ImageDraw; from mnist_core.data import pictures;"
        "image = Image.new('L', (200, 200), 255); ImageDraw.Draw(image).line([(60, 50), (120, 150)], fill=0, width=12);"
        "pictures.from_picture(image); print('cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
