"""Test the methods of evidence maps on validation digits. The tables are in docs/why.md.

    python -m tests.benchmarks.evidence [digits]

A method passes if, for every shipped run, its areas under the deletion, insertion and inking curves are better than
those of a random map, by more than the 95 % interval of the paired differences, and if shuffled weights leave a rank
correlation of less than 0.5 between the maps at the inked pixels. The test digits have no part in it.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from mnist_core.data.datasets import load_mnist
from mnist_core.explanations import evidence, faithfulness
from mnist_core.explanations.evidence import Model, Question
from mnist_core.models import network as networks
from mnist_core.models.classifier import Classifier
from mnist_core.models.weights import read_network
from mnist_core.runs.store import SHIPPED, load_run
from mnist_core.training.sources import split_validation

DIGITS = 200
SANITY_DIGITS = 30
RANDOM = np.random.default_rng(7)
EMPTY = np.zeros((28, 28), np.float32)

CURVES = {
    "deletion": faithfulness.deletion_curve,
    "insertion": faithfulness.insertion_curve,
    "inking": faithfulness.inking_curve,
}
BETTER = {"deletion": -1, "insertion": 1, "inking": -1}


def random_map(model: Model, digit: np.ndarray, question: Question) -> np.ndarray:
    """Noise; on empty paper only where digits are, so that the comparison is fair."""
    noise = RANDOM.random((28, 28)).astype(np.float32)
    noise[:4] = noise[-4:] = noise[:, :4] = noise[:, -4:] = -1
    return noise


def from_empty_paper(model: Model, digit: np.ndarray, question: Question) -> np.ndarray:
    return evidence.along_paths(model.network, digit, question, baselines=EMPTY[None])


def from_mean_digit(model: Model, digit: np.ndarray, question: Question) -> np.ndarray:
    return evidence.along_paths(model.network, digit, question, baselines=evidence.mean_digit()[None])


CANDIDATES: dict[str, Callable[[Model, np.ndarray, Question], np.ndarray]] = {
    "random": random_map,
    "most ink first": lambda model, digit, question: digit,
    "gradient × input": evidence.gradient_times_input,
    "integrated gradients from empty paper": from_empty_paper,
    "integrated gradients from the mean digit": from_mean_digit,
    "integrated gradients from both": evidence.integrated_gradients,
    "occlusion": evidence.occlusion,
}
BLIND_ON_PAPER = {"most ink first", "gradient × input", "integrated gradients from empty paper"}
"""They give every empty pixel the same value, so there is no order to ink them in."""


def main(count: int) -> None:
    """Print a table for each run."""
    _, held_out = split_validation(load_mnist().train, 5000)
    chosen = np.concatenate([np.flatnonzero(held_out.labels == label)[: count // 10] for label in range(10)])
    digits = held_out.pixels()[chosen]
    for name in SHIPPED:
        path = load_run(name).model_path
        model = Model(read_network(path), Classifier(path).probabilities)
        questions = [evidence.question_of(probabilities) for probabilities in model.predict(digits)]
        print(f"\n{name}, {len(digits)} validation digits\n")
        print("| map | deletion ↓ | insertion ↑ | inking ↓ | last layer shuffled | all layers shuffled | ms |")
        print("|---|---|---|---|---|---|---|")
        random_areas: dict[str, np.ndarray] = {}
        for title, method in CANDIDATES.items():
            maps, times = [], []
            for digit, question in zip(digits, questions, strict=True):
                start = time.perf_counter()
                maps.append(method(model, digit, question))
                times.append(time.perf_counter() - start)
            cells = []
            for curve, function in CURVES.items():
                areas = np.array(
                    [
                        function(model.predict, digit, its, question.answer).mean()
                        for digit, its, question in zip(digits, maps, questions, strict=True)
                    ]
                )
                if curve == "inking" and title in BLIND_ON_PAPER:
                    cells.append("–")
                elif title == "random":
                    random_areas[curve] = areas
                    cells.append(f"{areas.mean():.3f}")
                else:
                    gain = (areas - random_areas[curve]) * BETTER[curve]
                    half = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
                    cells.append(f"{areas.mean():.3f}" + ("" if gain.mean() - half > 0 else " (no better)"))
            for last_only in (True, False):
                cells.append(
                    "–"
                    if title in ("random", "most ink first")
                    else sanity(model, method, digits, questions, maps, last_only=last_only)
                )
            print(f"| {title} |", " | ".join(cells), f"| {np.median(times) * 1000:.0f} |", flush=True)


def sanity(
    model: Model,
    method: Callable[[Model, np.ndarray, Question], np.ndarray],
    digits: np.ndarray,
    questions: list[Question],
    maps: list[np.ndarray],
    *,
    last_only: bool,
) -> str:
    """The mean rank correlation of the maps with those of a network whose weights are shuffled."""
    found = []
    for index in np.linspace(0, len(digits) - 1, SANITY_DIGITS).astype(int):
        network = faithfulness.randomised(model.network, np.random.default_rng(index), last_only=last_only)
        shuffled = Model(network, partial(networks.predict, network))
        other = method(shuffled, digits[index], questions[index])
        found.append(faithfulness.similarity(maps[index], other, digits[index] > 0))
    return f"{np.mean(found):.2f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DIGITS)
