"""What the page says of two readings."""

import pytest

from mnist_core.models.classifier import Prediction
from mnist_core.reporting.comparison import in_words, percent


def prediction(digit: int, confidence: float) -> Prediction:
    rest = (1 - confidence) / 9
    return Prediction(tuple(confidence if index == digit else rest for index in range(10)), 0.1)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (prediction(7, 0.99), prediction(7, 0.9), "Both read a 7."),
        (prediction(8, 0.99), prediction(8, 0.9), "Both read an 8."),
        (prediction(3, 0.99), prediction(5, 0.9), "They disagree: the MLP reads 3, the CNN reads 5."),
        (prediction(3, 0.5), prediction(3, 0.9), "Both read a 3. The MLP is not sure."),
        (
            prediction(3, 0.9),
            prediction(5, 0.4),
            "They disagree: the MLP reads 3, the CNN reads 5. The CNN is not sure.",
        ),
        (prediction(3, 0.4), prediction(3, 0.4), "Both read a 3. Neither is sure."),
    ],
)
def test_agreement_disagreement_and_doubt_are_said_in_words(left: Prediction, right: Prediction, words: str) -> None:
    assert in_words("MLP", left, "CNN", right) == words


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (1.0, "> 99.9 %"),
        (0.0, "< 0.1 %"),
        (0.99999, "> 99.9 %"),
        (1e-9, "< 0.1 %"),
        (0.5, "50.0 %"),
        (0.9985, "99.9 %"),
    ],
)
def test_nothing_uncertain_is_called_certain(probability: float, text: str) -> None:
    assert percent(probability) == text
