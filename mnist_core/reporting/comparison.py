"""Two readings of one digit, put into words.

>>> in_words("MLP", Reading((0, 0, 0, 1, 0, 0, 0, 0, 0, 0), 0.1), "CNN", Reading((0, 0, 0, 0, 0, 1, 0, 0, 0, 0), 0.1))
'They disagree: the MLP reads 3, the CNN reads 5.'
"""

from mnist_core.models.classifier import Prediction

UNSURE = 0.7
"""Below this probability a reading is called unsure."""


def agree(left: Prediction, right: Prediction) -> bool:
    """Whether both read the same digit."""
    return left.digit == right.digit


def in_words(left_name: str, left: Prediction, right_name: str, right: Prediction) -> str:
    """One sentence or two: whether they agree, on what, and who is unsure."""
    if not agree(left, right):
        words = f"They disagree: the {left_name} reads {left.digit}, the {right_name} reads {right.digit}."
    else:
        words = f"Both read {_article(left.digit)} {left.digit}."
    unsure = [name for name, prediction in ((left_name, left), (right_name, right)) if prediction.confidence < UNSURE]
    if len(unsure) == 2:
        return words + " Neither is sure."
    return words + (f" The {unsure[0]} is not sure." if unsure else "")


def percent(probability: float) -> str:
    """A probability for people: never '100 %' or '0 %', for no model knows.

    >>> percent(0.9731), percent(1.0), percent(0.0002)
    ('97.3 %', '> 99.9 %', '< 0.1 %')
    """
    if probability > 0.999:
        return "> 99.9 %"
    if probability < 0.001:
        return "< 0.1 %"
    return f"{probability * 100:.1f} %"


def _article(digit: int) -> str:
    return "an" if digit == 8 else "a"
