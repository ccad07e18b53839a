"""This module says in words whether two predictions for one digit agree.

>>> three, five = (Prediction(tuple(float(digit == it) for digit in range(10)), 0.1) for it in (3, 5))
>>> in_words("MLP", three, "CNN", five)
'They disagree: the MLP predicts 3, the CNN predicts 5.'
"""

from mnist_core.models.classifier import Prediction

UNSURE = 0.7
"""A prediction with a lower probability than this is called unsure."""


def agree(left: Prediction, right: Prediction) -> bool:
    """Whether both predict the same digit."""
    return left.digit == right.digit


def in_words(left_name: str, left: Prediction, right_name: str, right: Prediction) -> str:
    """One sentence or two: whether the two agree, on which digit, and which of them is unsure."""
    if agree(left, right):
        words = f"Both predict {_article(left.digit)} {left.digit}."
    else:
        words = f"They disagree: the {left_name} predicts {left.digit}, the {right_name} predicts {right.digit}."
    unsure = [name for name, prediction in ((left_name, left), (right_name, right)) if prediction.confidence < UNSURE]
    if len(unsure) == 2:
        return words + " Neither is sure."
    return words + (f" The {unsure[0]} is not sure." if unsure else "")


def _article(digit: int) -> str:
    return "an" if digit == 8 else "a"
