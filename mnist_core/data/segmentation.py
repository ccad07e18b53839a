"""Split a drawing or a picture into its digits: which marks belong to one digit, from left to right.

    >>> seven, bar, one = (0, 0, 40, 60), (8, 28, 34, 30), (60, 0, 62, 60)     # left, top, right, bottom
    >>> joined_marks([one, seven, bar])
    [[1, 2], [0]]
    >>> candidates([seven, one, (120, 0, 150, 60)])             # the third is too far away
    [(0, 1), (1, 2), (2, 3), (0, 2)]

A mark is a stroke, or a connected spot of ink on a picture. The way is that of the field (R. Casey, E. Lecolinet, "A
survey of methods and strategies in character segmentation", IEEE Trans. PAMI 18, 1996): divide rather too often, then
let the recognition choose.

1. `joined_marks`: marks that lie above each other are one piece, and so is a flat or tiny mark with its
   neighbour.
2. `candidates`: each piece may be a digit, and so may two pieces beside each other if they are close: an open 4.
3. `best_split`: of the ways that are left, the one with the least `cost`. The cost is small where the models are
   confident, and where the shapes are those of one digit.

All lengths are relative to the height of the pieces in question, so the size of the writing makes no difference. The
browser follows the same rule (pages/parts/browser_predictor/segmentation.js). docs/numbers.md has the figures. The
constants come from the 30 writers that the robust recipe trains with and from the generator of mnist_core/handwriting.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

Span = tuple[int, int]
"""The pieces of a digit: the first one, and the one after the last."""

MOST_MARKS = 120
"""A drawing of more marks is not split: no number has so many."""

MOST_DIGITS = 12
"""A drawing that falls into more digits is not split."""

JOINED_OVERLAP = 0.5
"""Marks are one piece if they lie above each other over this fraction of the narrower one's width."""

JOINED_DEPTH = 0.22
"""They also are if they do so over this fraction of the taller one's height."""

FLAT = 0.2
"""A piece with a smaller fraction of its neighbour's height is no digit of its own: a straight bar, a dot."""

FARTHEST, WIDEST = 0.6, 1.7
"""No two pieces of one digit are farther apart than this fraction of the taller one's height, or together wider than
this many times their height. Within these limits the cost decides."""

TALLNESS, GAP, WIDTH, DEPTH, BOTH = 5.0, 3.0, 3.0, 3.0, 5.0
"""How much the shape of two pieces counts beside the models' confidence: see `cost`. From a logistic regression on
pairs of pieces of the 30 writers and of the generator, rounded."""

ALONE = 1.0
"""So much less do two pieces cost if there is nothing else: most drawings are one digit."""

WIDE, UNSURE = 0.8, 0.7
"""A digit wider than this many times its height may be two that touch, if a model's confidence is below this."""

LEAST_CONFIDENCE = 0.02
"""A lower confidence counts as this."""


def split_marks(
    boxes: Sequence[Box], confidences_of: Callable[[list[list[int]]], Sequence[Sequence[float]]]
) -> list[list[int]]:
    """The marks of each digit, from left to right, as their indices. boxes: of the marks.

    confidences_of: is called once, with the marks of each candidate; gives the confidences of each model, 0..1, for it.

    >>> split_marks([(60, 0, 62, 60), (0, 0, 40, 60), (8, 28, 34, 30)], lambda found: [[1.0] for _ in found])
    [[1, 2], [0]]
    """
    whole = [list(range(len(boxes)))] if boxes else []
    if len(boxes) > MOST_MARKS:
        return whole
    pieces = joined_marks(boxes)
    if len(pieces) > 2 * MOST_DIGITS:
        return whole
    hulls = [hull([boxes[mark] for mark in piece]) for piece in pieces]
    spans = candidates(hulls)
    marks = {span: sorted(mark for piece in pieces[slice(*span)] for mark in piece) for span in spans}
    if len(spans) > len(pieces):
        costs = {
            span: cost(hulls[slice(*span)], confidences, alone=span == (0, len(pieces)))
            for span, confidences in zip(spans, confidences_of(list(marks.values())), strict=True)
        }
        spans = best_split(spans, costs, len(pieces))
    return whole if len(spans) > MOST_DIGITS else [marks[span] for span in spans]


def joined_marks(boxes: Sequence[Box]) -> list[list[int]]:
    """The pieces from left to right, each as the indices of its marks in their order. boxes: of the marks."""
    pieces: list[tuple[list[int], Box]] = []
    for number in sorted(range(len(boxes)), key=lambda number: (boxes[number][0], boxes[number][2], number)):
        piece = [number], boxes[number]
        while (other := next((each for each in pieces if _are_joined(each[1], piece[1])), None)) is not None:
            pieces.remove(other)
            piece = _merged(other, piece)
        pieces.append(piece)
    pieces.sort(key=lambda each: (each[1][0] + each[1][2], each[0][0]))
    while (first := _one_digit(pieces)) is not None:
        pieces[first : first + 2] = [_merged(*pieces[first : first + 2])]
    return [sorted(marks) for marks, _ in pieces]


def _merged(one: tuple[list[int], Box], other: tuple[list[int], Box]) -> tuple[list[int], Box]:
    return one[0] + other[0], hull([one[1], other[1]])


def _are_joined(one: Box, other: Box) -> bool:
    """Whether one lies above the other over much of its width."""
    overlap = -gap(one, other)
    if overlap < 0:
        return False
    narrower = min(one[2] - one[0], other[2] - other[0])
    if overlap >= JOINED_DEPTH * max(height(one), height(other)):
        return True
    # An upright line has no width. It lies above the other if it is within it, and not if it only touches it.
    return overlap >= JOINED_OVERLAP * narrower if overlap > 0 else _is_within(one, other) or _is_within(other, one)


def _is_within(one: Box, other: Box) -> bool:
    return other[0] < one[0] and one[2] < other[2]


def _one_digit(pieces: Sequence[tuple[list[int], Box]]) -> int | None:
    """The first piece that is one digit with the next one in any case, or None."""
    boxes = [box for _, box in pieces]
    for number, box in enumerate(boxes):
        beside = [other for other in (number - 1, number + 1) if 0 <= other < len(boxes)]
        if not beside:
            return None
        nearest = min(beside, key=lambda other: gap(box, boxes[other]))
        if height(box) < FLAT * height(boxes[nearest]):
            return min(number, nearest)
    return next((n for n, (one, other) in enumerate(itertools.pairwise(boxes)) if _are_joined(one, other)), None)


def candidates(boxes: Sequence[Box]) -> list[Span]:
    """What may be a digit: each piece alone, and two beside each other if they look so. boxes: of the pieces."""
    pairs = [(n, n + 2) for n, (one, other) in enumerate(itertools.pairwise(boxes)) if _may_be_one(one, other)]
    return [(number, number + 1) for number in range(len(boxes))] + pairs


def _may_be_one(one: Box, other: Box) -> bool:
    whole = hull([one, other])
    return gap(one, other) <= FARTHEST * max(height(one), height(other)) and whole[2] - whole[0] <= WIDEST * height(
        whole
    )


def cost(boxes: Sequence[Box], confidences: Sequence[float], *, alone: bool = False) -> float:
    """What it costs to take these pieces, one or two, as a digit.

    confidences: of each model for that digit, 0..1. alone: whether these are all pieces of the drawing.

    The cost of one piece is its mean negative log confidence. Two cost twice that, and more if the lower one is tall,
    if both are far apart or wide; less if the right one stands deeper, as the bar of an open 4 does.

    >>> one = [(0, 0, 2, 60)]
    >>> cost(one, [1.0, 1.0]) < cost(one, [0.9, 0.9]) < cost([(0, 0, 30, 60), (35, 0, 65, 60)], [1.0, 1.0])
    True
    """
    unsure = -sum(math.log(max(each, LEAST_CONFIDENCE)) for each in confidences) / len(confidences)
    if len(boxes) == 1:
        return unsure
    one, other = boxes
    whole = hull(boxes)
    lower = min(height(one), height(other))
    deeper = (other[1] - one[1] + other[3] - one[3]) / 2
    shape = TALLNESS * lower + GAP * gap(one, other) + WIDTH * (whole[2] - whole[0]) - DEPTH * deeper
    return 2 * unsure + shape / height(whole) - BOTH - ALONE * alone


def may_be_two(box: Box, confidences: Sequence[float]) -> bool:
    """Whether one digit may be two that touch: it is wide, and a model is unsure. confidences: of each model, 0..1.

    >>> may_be_two((0, 0, 90, 60), [0.99, 0.4]), may_be_two((0, 0, 90, 60), [0.99, 0.98])
    (True, False)
    """
    return box[2] - box[0] > WIDE * height(box) and min(confidences) < UNSURE


def best_split(spans: Sequence[Span], costs: Mapping[Span, float], pieces: int) -> list[Span]:
    """The spans of the cheapest way through all pieces. spans: candidates. costs: of each.

    >>> best_split([(0, 1), (1, 2), (0, 2)], {(0, 1): 0.5, (1, 2): 0.5, (0, 2): 0.1}, 2)
    [(0, 2)]
    """
    cheapest: list[tuple[float, list[Span]]] = [(0.0, []), *[(math.inf, list[Span]())] * pieces]
    for start, stop in sorted(spans, key=lambda span: (span[1], span[0])):
        total = cheapest[start][0] + costs[start, stop]
        if total < cheapest[stop][0]:
            cheapest[stop] = total, [*cheapest[start][1], (start, stop)]
    return cheapest[pieces][1]


def hull(boxes: Sequence[Box]) -> Box:
    """The box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def height(box: Box) -> float:
    """From top to bottom."""
    return box[3] - box[1]


def gap(one: Box, other: Box) -> float:
    """The horizontal distance between two boxes; below 0 if one lies above the other."""
    return max(one[0], other[0]) - min(one[2], other[2])
