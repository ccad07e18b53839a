"""The digits behind a cell of the heat table: as corrupted, with what the runs predict, and the way to other pages."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data.datasets import Split
from mnist_core.distortions.corruptions import CORRUPTIONS, Corruption, corrupted
from mnist_core.formatting import number, probability
from mnist_core.runs.corruption_results import CorruptionResults
from mnist_core.runs.run import Run
from pages.parts import cached_digits, canvas
from pages.parts.cached_runs import RunKey, classifier, run_key
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.download_offer import offer_download
from pages.parts.model_pickers import pair_with
from pages.parts.probability_card import show_probability_card
from pages.parts.why_link import name_of_corrupted_digit, open_why

KEY = "compare_digit"

LARGEST_GRID = 56
"""Digits in a grid. A cell can hold thousands."""


def show_corrupted_digits(
    corruption: Corruption,
    name: str,
    strength: int,
    *,
    runs: Mapping[str, Run],
    results: Mapping[str, CorruptionResults],
    other: str | None,
) -> None:
    """Show the digits that a run predicts incorrectly in a cell, and one digit with the predictions of all runs.

    name: of the run. runs, results: of the measured runs that were picked, by name. other: the run whose predictions
    stand below those of `name`.
    """
    incorrect = np.flatnonzero(results[name].incorrect_digits(corruption.key, strength))
    how = f"{corruption.title.lower()}, strength {strength} ({corruption.amount_in_words(strength)})"
    words = f"{number(len(incorrect))} of {number(results[name].count)} digits are misclassified by {name}"
    below = f" Under each digit: the prediction of {name}, then that of {other}." if other and len(incorrect) else ""
    st.markdown(f"**{words}** under {how}: {corruption.words}.{below}")
    if not cached_digits.has_mnist():
        st.caption("Their pictures are computed from MNIST's test digits, which are not on this machine.")
        offer_download("compare")
        return
    shown = {each: runs[each] for each in (name, other) if each}
    many, one = st.container(key="compare_beside").columns([2, 1], gap="large")
    with one:
        first = int(incorrect[0]) if len(incorrect) else 0
        models = pair_with(runs[name], pair_with(runs[other]) if other else None)
        index = st.number_input(
            "Test digit by number",
            0,
            results[name].count - 1,
            None,
            key=KEY,
            bind="query-params",
            placeholder=str(first),
        )
        _show_one(first if index is None else int(index), corruption, strength, runs=runs, models=models)
    with many:
        _show_many(
            incorrect[:LARGEST_GRID], corruption, strength, shown=shown, selected=first if index is None else index
        )
        if len(incorrect) > LARGEST_GRID:
            st.caption(
                f"The first {LARGEST_GRID} of {number(len(incorrect))}; the field “Test digit by number” shows others."
            )


def _show_many(
    indices: NDArray[np.intp], corruption: Corruption, strength: int, *, shown: Mapping[str, Run], selected: int
) -> None:
    if not len(indices):
        return
    keys, numbers = tuple(map(run_key, shown.values())), tuple(map(int, indices))
    pictures, probabilities = _predicted(corruption.key, strength, numbers, keys, list(shown.values()))
    labels = cached_digits.test_digits().labels
    tiles = []
    for place, index in enumerate(numbers):
        lines, spoken = [f"#{index}"], [f"Test digit {index}, a {labels[index]}"]
        for name, its in zip(shown, probabilities, strict=True):
            digit = int(its[place].argmax())
            lines.append(f"{digit} · {probability(float(its[place, digit]))}")
            spoken.append(f"{name} predicts {digit}, {probability(float(its[place, digit]))}")
        tiles.append(Tile(index, str(labels[index]), tuple(lines), ", ".join(spoken), pictures[place]))
    show_grid(
        tiles,
        label=f"Digits with {corruption.title.lower()}",
        key="compare_cell",
        on_pick=_pick,
        selected=selected,
        tile=84,
    )


def _pick(index: int) -> None:
    st.session_state[KEY] = index


def _show_one(
    index: int, corruption: Corruption, strength: int, *, runs: Mapping[str, Run], models: tuple[str, str]
) -> None:
    """One digit as corrupted, with the probabilities that each run gives it, and the way to the canvas and to Why."""
    keys = tuple(map(run_key, runs.values()))
    pictures, probabilities = _predicted(corruption.key, strength, (index,), keys, list(runs.values()))
    picture, label = pictures[0], int(cached_digits.test_digits().labels[index])
    show_probability_card(
        f"Test digit {index}, labelled {label}",
        label,
        picture=picture,
        runs=runs,
        probabilities={name: its[0] for name, its in zip(runs, probabilities, strict=True)},
    )
    words = f"MNIST test digit {index}, labelled {label}, corrupted: {corruption.title.lower()}, strength {strength}."
    digit, shown = picture.astype(np.float32) / np.float32(255), canvas.digit_picture(picture)
    with st.container(horizontal=True):
        if st.button("Send to the canvas", icon=":material/draw:", key="compare_to_canvas"):
            canvas.put_and_open(digit, shown, words, known=str(label), models=models)
        if st.button("Why?", icon=":material/search_insights:", key="compare_to_why"):
            open_why(name_of_corrupted_digit(index, corruption.key, strength), models=models)


@st.cache_data(max_entries=64, show_spinner=False)  # some tens of kilobytes each
def _predicted(
    key: str, strength: int, indices: tuple[int, ...], run_keys: tuple[RunKey, ...], _runs: list[Run]
) -> tuple[NDArray[np.uint8], list[NDArray[np.float32]]]:
    """Test digits as corrupted, (n, 28, 28), and what each run predicts for them, (n, 10) each."""
    test = cached_digits.test_digits()
    pictures = corrupted(test.images[list(indices)], indices, CORRUPTIONS[key], strength=strength)
    pixels = Split(pictures, test.labels[list(indices)]).pixels()
    return pictures, [classifier(run).probabilities(pixels) for run in _runs]
