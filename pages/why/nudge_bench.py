"""The nudge bench: a digit to drag, its sliders, and what two models say of it meanwhile.

The browser nudges and predicts while the digit moves (live/bench.js). When it is let go, it reports the amounts; the
server nudges the digit by the same rule, and its answer stands.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.data.preprocessing import Digit
from mnist_core.distortions.nudges import RANGES, Nudge, nudge_of, nudged
from mnist_core.errors import PictureError
from mnist_core.explanations.sweeps import Sweep, WeakestSpot, sweep, weakest_spots
from mnist_core.runs.run import Run
from pages.parts.assets import component
from pages.parts.browser_files import network_address, script_address
from pages.parts.cached_runs import RunKey, classifier, run_key
from pages.why.digit_address import is_asked
from pages.why.digit_choice import Chosen
from pages.why.sides import Side
from pages.why.sliders import for_browser

KEY = "why_bench"
MAIN_SCRIPT = Path(__file__).with_name("live") / "bench.js"
SIDES = ("left", "right")

_bench = component(Path(__file__).with_suffix(""))


@dataclass(frozen=True)
class Record:
    """What the server says of a nudged digit.

    digit: after the nudge, (28, 28). before, now: ten probabilities of each model, without and with the nudge.
    targets: for each model the digit that it should predict. swept: the slider in hand through its range.
    """

    digit: Digit
    before: tuple[tuple[float, ...], ...]
    now: tuple[tuple[float, ...], ...]
    targets: tuple[int, ...]
    swept: Sweep


def record_of(chosen: Chosen, nudge: Nudge, slider: str, *, sides: tuple[Side, Side]) -> Record:
    """Nudge the digit and predict it. The target is the true digit, or, where nobody knows it, what each model says
    without a nudge. Raises RunError.
    """
    models = [classifier(side.run) for side in sides]
    digit = nudged(chosen.digit, nudge)
    before = tuple(model.predict(chosen.digit) for model in models)
    now = tuple(model.predict(digit) for model in models)
    targets = tuple(each.digit if chosen.label is None else chosen.label for each in before)
    return Record(
        digit,
        tuple(each.probabilities for each in before),
        tuple(each.probabilities for each in now),
        targets,
        sweep(chosen.digit, nudge, slider, models),
    )


def show_bench(
    chosen: Chosen, nudge: Nudge, slider: str, *, sides: tuple[Side, Side], on_nudge: Callable[[Nudge, str], None]
) -> Record:
    """Show the bench, and return what the server says of the nudged digit. Raises RunError.

    slider: the name of the one in hand. on_nudge(nudge, slider) is a callback: it runs before the page runs again.
    """

    def reported() -> None:
        state = st.session_state[KEY]
        if isinstance(message := state.get("nudge"), Mapping):  # a browser can send anything
            amounts, hand, turn = (message.get(name) for name in ("amounts", "slider", "turn"))
            try:
                received = nudge_of(dict(amounts) if isinstance(amounts, Mapping) else {})
            except PictureError:
                return
            st.session_state.why_turn = turn if isinstance(turn, int) else None
            on_nudge(received, hand if hand in RANGES else slider)

    def asked() -> None:
        st.session_state.why_weakest = _question(chosen, sides, nudge)

    record = record_of(chosen, nudge, slider, sides=sides)
    has_weakest = is_asked("why_weakest", _question(chosen, sides, nudge))
    spots = _weakest(chosen, sides, record.targets, nudge.noise_seed) if has_weakest else None
    networks = [network_address(side.run) for side in sides]
    _bench(
        data={
            "script": script_address(MAIN_SCRIPT),
            "networks": None if None in networks else dict(zip(SIDES, networks, strict=True)),
            "sides": [{"name": side.title, "colour": side.colour} for side in sides],
            "digit": base64.b64encode(np.asarray(chosen.digit, "<f4").tobytes()).decode(),
            "label": chosen.label,
            "note": chosen.note,
            "sliders": for_browser(),
            "amounts": asdict(nudge),
            "slider": slider,
            "turn": st.session_state.get("why_turn"),
            "targets": record.targets,
            "before": record.before,
            "now": record.now,
            "sweep": [np.round(each, 5).tolist() for each in record.swept.probabilities],
            "weakest": spots,
        },
        key=KEY,
        on_nudge_change=reported,
        on_weakest_change=asked,
    )
    return record


def _question(chosen: Chosen, sides: tuple[Side, Side], nudge: Nudge) -> tuple[Any, ...]:
    """What the weakest spots depend on."""
    return chosen.digit.tobytes(), *(run_key(side.run) for side in sides), nudge.noise_seed


def _weakest(
    chosen: Chosen, sides: tuple[Side, Side], targets: tuple[int, ...], seed: int
) -> list[dict[str, dict[str, Any]]]:
    """For each model, its weakest spot by the name of the amount, as plain values."""
    keys = (run_key(sides[0].run), run_key(sides[1].run))
    found = _weakest_spots(keys, chosen.digit.tobytes(), targets, seed, sides[0].run, sides[1].run)
    return [{name: asdict(spot) for name, spot in spots.items()} for spots in found]


@st.cache_resource(max_entries=64, show_spinner="Looking for the weakest spots …")
def _weakest_spots(
    keys: tuple[RunKey, RunKey], pixels: bytes, targets: tuple[int, ...], seed: int, _left: Run, _right: Run
) -> tuple[dict[str, WeakestSpot], ...]:
    digit = np.frombuffer(pixels, np.float32).reshape(28, 28)
    return weakest_spots(digit, [classifier(_left), classifier(_right)], targets, noise_seed=seed)
