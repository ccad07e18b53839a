"""The words about two predictions for one digit."""

import pytest

from mnist_core.models.classifier import Prediction
from mnist_core.reporting.agreement import in_words


def prediction(digit: int, confidence: float) -> Prediction:
    rest = (1 - confidence) / 9
    return Prediction(tuple(confidence if index == digit else rest for index in range(10)), 0.1)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (prediction(7, 0.99), prediction(7, 0.9), "Both predict a 7."),
        (prediction(8, 0.99), prediction(8, 0.9), "Both predict an 8."),
        (prediction(3, 0.99), prediction(5, 0.9), "They disagree: the MLP predicts 3, the CNN predicts 5."),
        (prediction(3, 0.5), prediction(3, 0.9), "Both predict a 3. The MLP is not sure."),
        (
            prediction(3, 0.9),
            prediction(5, 0.4),
            "They disagree: the MLP predicts 3, the CNN predicts 5. The CNN is not sure.",
        ),
        (prediction(3, 0.4), prediction(3, 0.4), "Both predict a 3. Neither is sure."),
    ],
)
def test_words_tell_whether_both_agree_and_which_is_unsure(left: Prediction, right: Prediction, words: str) -> None:
    assert in_words("MLP", left, "CNN", right) == words
