"""Confusion matrices as tables whose cells can be pressed, by mouse, finger or keyboard.

Tab enters a table; arrow keys, Home and End move in it; Enter picks. A chart can be clicked, but the keyboard cannot
move in it, and it says nothing to a screen reader. A table does both, and shrinks to a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.parts.assets import component
from pages.parts.streamlit_seam import container_class

_matrices = component(Path(__file__).with_suffix(""))


@dataclass(frozen=True)
class Matrix:
    """One table.

    values: (10, 10), true digit by predicted digit. note: stands beside the title. largest: the value that gets the
    full colour.
    selected: the cell that stands out, as true and predicted digit. names: of the two runs, if the values are their
    differences. tones: the run's colour, or the two runs' colours.
    """

    values: NDArray[np.float64]
    title: str
    note: str
    largest: float
    tones: Sequence[str]
    selected: tuple[int, int] | None = None
    names: Sequence[str] = ()


def show_tables(
    matrices: Sequence[Matrix],
    *,
    shown: Callable[[float], str],
    hide_diagonal: bool,
    key: str,
    leads_to: str,
    on_pick: Callable[[int, int, int], None],
) -> None:
    """Show the matrices side by side.

    shown: turns a value into a short text. leads_to: key of the container that shows the digits of the picked cell.
    on_pick: a callback, which runs before the page runs again. It gets the number of the matrix, the true and the
    predicted digit.
    """

    def picked() -> None:
        asked = st.session_state[key].picked
        try:  # a browser can send anything
            number, cell = map(int, asked)
        except (TypeError, ValueError):
            return
        if 0 <= number < len(matrices) and 0 <= cell < 100:
            on_pick(number, cell // 10, cell % 10)

    drawn = [
        {
            "title": matrix.title,
            "note": matrix.note,
            "tones": matrix.tones,
            "selected": None if matrix.selected is None else matrix.selected[0] * 10 + matrix.selected[1],
            "cells": [
                [
                    _cell(matrix, true, predicted, shown=shown, is_hidden=hide_diagonal and true == predicted)
                    for predicted in range(10)
                ]
                for true in range(10)
            ],
        }
        for matrix in matrices
    ]
    _matrices(data={"matrices": drawn, "leads_to": container_class(leads_to)}, key=key, on_picked_change=picked)


def _cell(
    matrix: Matrix, true: int, predicted: int, *, shown: Callable[[float], str], is_hidden: bool
) -> dict[str, object]:
    value, names = float(matrix.values[true, predicted]), matrix.names
    told = shown(value)
    if names:
        told = f"{shown(abs(value))} more by {names[0] if value > 0 else names[1]}" if value else "no difference"
    heat = 0 if is_hidden or not matrix.largest else _heat(value / matrix.largest)
    text = "" if is_hidden else (shown(value) if value else "·")
    return {
        "text": ("+" if names and value > 0 and not is_hidden else "") + text.replace("-", "−"),
        "heat": heat,
        "zero": not value,
        "spoken": f"True {true}, predicted {predicted}: {told}",
    }


def _heat(fraction: float) -> int:
    """The strength of a cell's colour, -92..92, of a value in -1..1.

    Its root makes small counts visible beside large ones.
    """
    strength = round(92 * float(np.sqrt(min(1.0, abs(fraction)))))
    return strength if fraction > 0 else -strength
