"""Marks become digits: which of them belong together, by their places and by what the models say."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.data.segmentation import MOST_DIGITS, MOST_MARKS, Box, split_marks

SEVEN, ITS_BAR, ONE = (0.0, 0.0, 40.0, 60.0), (8.0, 28.0, 34.0, 30.0), (60.0, 0.0, 62.0, 60.0)
OPEN_FOUR = [(0.0, 0.0, 22.0, 38.0), (24.0, 18.0, 28.0, 60.0)]

boxes = st.lists(
    st.tuples(*[st.integers(0, 300) for _ in range(4)]).map(
        lambda at: (float(at[0]), float(at[1]), float(at[0] + at[2] // 4), float(at[1] + at[3] // 3))
    ),
    max_size=9,
)


def sure(found: Sequence[Sequence[int]]) -> list[list[float]]:
    return [[1.0, 1.0] for _ in found]


def test_a_crossed_seven_stays_whole_and_the_one_beside_it_is_another_digit() -> None:
    assert split_marks([ONE, SEVEN, ITS_BAR], sure) == [[1, 2], [0]]


def test_the_floating_bar_of_a_five_and_a_stray_dot_are_no_digits() -> None:
    body, bar, dot = (0.0, 10.0, 30.0, 60.0), (32.0, 8.0, 50.0, 11.0), (70.0, 58.0, 71.0, 59.0)
    assert split_marks([body, bar, dot], sure) == [[0, 1, 2]]


def test_the_models_decide_whether_two_close_pieces_are_an_open_four_or_two_digits() -> None:
    def whole_is(confidence: float) -> list[list[int]]:
        return split_marks(
            [*OPEN_FOUR, (120.0, 0.0, 160.0, 60.0)],
            lambda found: [[confidence if marks == [0, 1] else 0.95] for marks in found],
        )

    assert whole_is(0.9) == [[0, 1], [2]]
    assert whole_is(0.02) == [[0], [1], [2]]


def test_pieces_far_apart_are_digits_whatever_the_models_say() -> None:
    far = [(0.0, 0.0, 30.0, 60.0), (90.0, 0.0, 120.0, 60.0)]
    assert split_marks(far, lambda found: [[1.0 if len(marks) == 2 else 0.02] for marks in found]) == [[0], [1]]


def test_the_models_are_not_asked_where_nothing_is_open() -> None:
    def never(found: Sequence[Sequence[int]]) -> list[list[float]]:
        raise AssertionError(found)

    assert split_marks([SEVEN, ITS_BAR], never) == [[0, 1]]
    assert split_marks([], never) == []


@pytest.mark.parametrize("count", [MOST_DIGITS + 1, 3 * MOST_DIGITS, MOST_MARKS + 1])
def test_a_hatching_is_not_a_number(count: int) -> None:
    lines = [(100.0 * place, 0.0, 100.0 * place + 1, 60.0) for place in range(count)]
    assert split_marks(lines, sure) == [list(range(count))]


@given(boxes)
def test_each_mark_is_in_one_digit_and_their_order_makes_no_difference(boxes: list[Box]) -> None:
    split = split_marks(boxes, sure)
    assert sorted(itertools.chain(*split)) == list(range(len(boxes)))
    if len(set(boxes)) == len(boxes):
        other = split_marks(boxes[::-1], sure)
        count = len(boxes) - 1
        assert {frozenset(marks) for marks in split} == {frozenset(count - mark for mark in marks) for marks in other}


@given(boxes, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_size_of_the_writing_makes_no_difference(boxes: list[Box], scale: float) -> None:
    larger = [(scale * a, scale * b, scale * c, scale * d) for a, b, c, d in boxes]
    assert split_marks(larger, sure) == split_marks(boxes, sure)
