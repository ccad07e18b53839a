"""Labels of a scatter never cover each other or another point, whatever the points and however wide the chart."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from mnist_core.reporting.label_placement import GAP, LETTER, LINE, POINT, Placed, Spot, place, shortened

WIDTH, HEIGHT = 250.0, 380.0
spot = st.builds(
    Spot, st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.integers(3, 18).map(lambda letters: "m" * letters)
)

Box = tuple[float, float, float, float]


def box(spot: Spot, label: Placed, width: float) -> Box:
    near = spot.x * width + (GAP if label.to_the_right else -GAP)
    far = near + (len(spot.text) * LETTER if label.to_the_right else -len(spot.text) * LETTER)
    return min(near, far), max(near, far), label.y * HEIGHT - LINE / 2, label.y * HEIGHT + LINE / 2


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] - 0.1 and other[0] < one[1] - 0.1 and one[2] < other[3] - 0.1 and other[2] < one[3] - 0.1


@given(st.lists(spot, max_size=20), st.sampled_from([WIDTH, 400.0, 1000.0]))
def test_of_twenty_labels_none_covers_another_at_any_width(found: list[Spot], width: float) -> None:
    boxes = [
        box(spot, label, width) for spot, label in zip(found, place(found, width=WIDTH, height=HEIGHT), strict=True)
    ]
    for one, other in itertools.combinations(boxes, 2):
        assert not overlap(one, other)


@given(st.lists(spot, max_size=4), st.sampled_from([WIDTH, 1000.0]))
def test_of_a_few_labels_none_covers_a_point_either(found: list[Spot], width: float) -> None:
    labels = place(found, width=WIDTH, height=HEIGHT)
    for (number, spot), label in itertools.product(enumerate(found), range(len(found))):
        if label != number:
            around = (spot.x * width - POINT, spot.x * width + POINT, spot.y * HEIGHT - POINT, spot.y * HEIGHT + POINT)
            assert not overlap(box(found[label], labels[label], width), around)


def test_a_label_that_has_room_stands_beside_its_point() -> None:
    assert place([Spot(0.1, 0.2, "left"), Spot(0.9, 0.8, "right")], width=WIDTH, height=HEIGHT) == [
        Placed(True, 0.2),
        Placed(False, 0.8),
    ]


def test_a_long_name_keeps_its_end_by_which_such_names_differ() -> None:
    assert shortened("my-long-experiment-with-dropout-17") == "my-long-exp…pout-17"
