"""The grid of misclassified digits."""

import numpy as np

from mnist_core.reporting.matplotlib_figures import mistakes_grid


def titles(figure: object) -> list[str]:
    return [axes.get_title() for axes in figure.axes if axes.get_title()]  # type: ignore[attr-defined]


def test_the_most_confident_mistakes_come_first_and_correct_predictions_are_left_out() -> None:
    probabilities = np.eye(10)[[3, 5, 7, 1]] * np.array([[0.6], [0.9], [0.99], [1.0]])
    figure = mistakes_grid(np.zeros((4, 28, 28), np.float32), np.array([8, 8, 8, 1]), probabilities, title="x")
    assert titles(figure) == ["8 → 7  99 %", "8 → 5  90 %", "8 → 3  60 %"]
    assert figure.get_suptitle() == "x: 3 incorrect of 4"


def test_without_mistakes_the_figure_says_so() -> None:
    figure = mistakes_grid(np.zeros((1, 28, 28), np.float32), np.array([1]), np.eye(10)[[1]], title="x")
    assert titles(figure) == []
    assert "no mistakes" in figure.get_suptitle()


def test_of_many_mistakes_sixty_are_shown() -> None:
    figure = mistakes_grid(np.zeros((100, 28, 28), np.float32), np.zeros(100, int), np.eye(10)[[1] * 100])
    assert len(titles(figure)) == 60
