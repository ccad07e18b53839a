"""How runs stand side by side, for the pages: what is stored at once, what is measured here as soon as it has been.

Measurements are kept for all visitors until the server stops; only one is made at a time, so that they do not disturb each other.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.runs import measurements
from mnist_core.runs.measurements import Measured
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import RunSummary, summarise
from pages.parts.run_picker import classifier, test_predictions

Key = tuple[str, str, str]


@dataclass
class _Kept:
    """measured: by run, or the reason why it could not be; the latest `LARGEST`."""

    measured: OrderedDict[Key, Measured | str] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


LARGEST = 64


@st.cache_resource(max_entries=1, show_spinner=False)
def _kept() -> _Kept:
    return _Kept()


def _key(run: Run) -> Key:
    return run.name, run.created, str(run.folder)


def summaries_of(picked: list[Run]) -> tuple[list[RunSummary], list[str]]:
    """The standings of these runs, with what has been measured so far, and what is wrong with any of them."""
    summaries, problems = [], []
    for run in picked:
        try:
            stored, problem = _stored(*_key(run), run)
        except DigitDuelError as error:  # it has gone since it was listed
            problems.append(str(error))
            continue
        known = _kept().measured.get(_key(run))
        summaries.append(replace(stored, measured=known if isinstance(known, Measured) else None))
        problems += [text for text in (problem, known if isinstance(known, str) else "") if text]
    return summaries, problems


@st.cache_resource(max_entries=64, show_spinner=False)
def _stored(name: str, created: str, folder: str, _run: Run) -> tuple[RunSummary, str]:
    try:
        return summarise(_run, test_predictions(_run), None), ""
    except DigitDuelError as error:
        return summarise(_run, None, None), str(error)


def measure_missing(picked: list[Run]) -> None:
    """Measure the first of them that has not been, while the page stands there complete but for it; then run the page again."""
    missing = [run for run in picked if _key(run) not in _kept().measured]
    if not missing:
        return
    more = f"; {len(missing) - 1} more to go" if len(missing) > 1 else ""
    with st.spinner(f"Measuring {missing[0].name} on this machine{more} …"), _kept().lock:
        if _key(missing[0]) not in _kept().measured:
            _keep(missing[0])
    st.rerun()


def _keep(run: Run) -> None:
    measured = _kept().measured
    try:
        measured[_key(run)] = measurements.measure(classifier(run))
    except DigitDuelError as error:
        measured[_key(run)] = str(error)
    while len(measured) > LARGEST:
        measured.popitem(last=False)
