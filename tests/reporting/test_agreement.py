"""The words about two predictions for one digit."""

import pytest

from mnist_core.models.classifier import Prediction
from mnist_core.reporting.agreement import UNSURE, in_words, is_unsure


def prediction(digit: int, confidence: float) -> Prediction:
    rest = (1 - confidence) / 9
    return Prediction(tuple(confidence if index == digit else rest for index in range(10)), 0.1)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (prediction(7, 0.99), prediction(7, 0.9), "Both predict a 7."),
        (prediction(8, 0.99), prediction(8, 0.9), "Both predict an 8."),
        (prediction(3, 0.99), prediction(5, 0.9), "They disagree: the MLP predicts 3, the CNN predicts 5."),
        (prediction(3, 0.5), prediction(3, 0.9), "Both predict a 3, but the MLP is not sure."),
        (prediction(3, 0.9), prediction(5, 0.4), "The MLP predicts 3. The CNN is not sure and guesses 5."),
        (prediction(3, 0.6), prediction(5, 0.8), "The CNN predicts 5. The MLP is not sure and guesses 3."),
        (prediction(3, 0.4), prediction(3, 0.4), "Neither is sure: both guess 3."),
        (prediction(3, 0.4), prediction(5, 0.4), "Neither is sure: the MLP guesses 3, the CNN guesses 5."),
    ],
)
def test_words_tell_whether_both_agree_and_which_is_unsure(left: Prediction, right: Prediction, words: str) -> None:
    assert in_words("MLP", left, "CNN", right) == words


def test_what_may_be_no_digit_is_guessed_at_even_by_a_confident_model() -> None:
    sure, other = prediction(3, 0.99), prediction(5, 0.4)
    assert in_words("MLP", sure, "CNN", sure, may_be_no_digit=True) == "This may be no digit: both guess 3."
    assert (
        in_words("MLP", sure, "CNN", other, may_be_no_digit=True)
        == "This may be no digit: the MLP guesses 3, the CNN guesses 5."
    )


def test_an_answer_is_unsure_below_the_stated_confidence_and_not_at_it() -> None:
    assert is_unsure(prediction(3, UNSURE - 0.001))
    assert not is_unsure(prediction(3, UNSURE))
