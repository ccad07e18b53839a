"""This module says in words whether two predictions for one digit agree, and which of them are unsure.

>>> three, five = (Prediction(tuple(float(digit == it) for digit in range(10)), 0.1) for it in (3, 5))
>>> in_words("MLP", three, "CNN", five)
'They disagree: the MLP predicts 3, the CNN predicts 5.'
>>> in_words("MLP", three, "CNN", Prediction((0.4, 0.6, *[0.0] * 8), 0.1))
'The MLP predicts 3. The CNN is not sure and guesses 1.'
"""

from mnist_core.models.classifier import Prediction

MAY_BE_TWO = "Two digits? Leave a little room between them."
"""What is said of a digit that may be two."""

UNSURE = 0.7
"""A prediction with a lower confidence than this is called unsure."""


def agree(left: Prediction, right: Prediction) -> bool:
    """Whether both predict the same digit."""
    return left.digit == right.digit


def is_unsure(prediction: Prediction) -> bool:
    """Whether the model's confidence is below UNSURE."""
    return prediction.confidence < UNSURE


def in_words(
    left_name: str, left: Prediction, right_name: str, right: Prediction, *, may_be_no_digit: bool = False
) -> str:
    """One sentence or two: whether the two agree, on which digit, and which of them is unsure.

    may_be_no_digit: whether the drawing may be no digit at all, see `mnist_core.metrics.entropy`; then both answers
    are guesses.
    """
    both_agree = agree(left, right)
    guesses = (
        f"both guess {left.digit}."
        if both_agree
        else f"the {left_name} guesses {left.digit}, the {right_name} guesses {right.digit}."
    )
    if may_be_no_digit:
        return f"This may be no digit: {guesses}"
    named = [(left_name, left), (right_name, right)]
    unsure = [(name, prediction) for name, prediction in named if is_unsure(prediction)]
    if len(unsure) == 2:
        return f"Neither is sure: {guesses}"
    if not unsure:
        if both_agree:
            return f"Both predict {_article(left.digit)} {left.digit}."
        return f"They disagree: the {left_name} predicts {left.digit}, the {right_name} predicts {right.digit}."
    (unsure_name, guess) = unsure[0]
    if both_agree:
        return f"Both predict {_article(left.digit)} {left.digit}, but the {unsure_name} is not sure."
    (sure_name, sure) = next(each for each in named if not is_unsure(each[1]))
    return f"The {sure_name} predicts {sure.digit}. The {unsure_name} is not sure and guesses {guess.digit}."


def _article(digit: int) -> str:
    return "an" if digit == 8 else "a"
