"""A tour of five steps, as a slim bar at the foot of the page, which a browser shows by itself once.

The browser keeps the step while the visitor goes from page to page, and remembers that it has shown the tour. The
link "Tour" at the top shows it again.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.assets import component

_tour = component(Path(__file__).with_suffix(""))


@dataclass(frozen=True)
class Step:
    """title: what to do. text: one sentence about it. page: the address of the page where it happens, empty for the
    first page. choices: the query parameters of that page.
    """

    title: str
    text: str
    page: str
    choices: dict[str, str] = field(default_factory=dict)


STEPS = (
    Step("Draw", "Draw a digit. Both models predict it while you draw.", ""),
    Step("Split them", "Press “A digit that splits them”: one model says this, the other that.", ""),
    Step("Compare", "See which model is smaller, which is faster, and which makes fewer mistakes.", "compare"),
    Step(
        "Mistakes",
        "Look at the digits that a model misclassifies. Why? shows what it takes to mislead it.",
        "confusion",
        {"confusion_view": "All mistakes"},
    ),
    Step("Retrain", "Change a setting, press Start training and watch a model learn.", "train"),
)


def show_tour(page: str) -> None:
    """Show the link to the tour and, the first time, the tour. Opens the page of the step that is pressed.

    page: the address of the page that is open, empty for the first page. Nothing appears on stage.
    """
    if st.query_params.get("stage") == "true":
        return
    asked = _tour(data={"steps": [asdict(step) for step in STEPS], "page": page}, key="tour").get("step")
    if isinstance(asked, int) and 0 <= asked < len(STEPS):  # a browser can send anything
        _open(STEPS[asked], page)


def _open(step: Step, page: str) -> None:
    """Open the step's page. A step of the page that is open leaves it as it is."""
    choices: dict[str, Any] = dict(step.choices)
    if step.page != page or choices:
        script = f"pages/{step.page or 'draw'}/{step.page or 'draw'}.py"
        st.switch_page(script, query_params=choices)
