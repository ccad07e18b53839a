"""One run after its training: its figures beside the run in use, what changed digit by digit, and what can be done with it."""

from html import escape

import numpy as np
import streamlit as st

from mnist_core.data.datasets import OFFLINE, digit_set_title
from mnist_core.errors import DigitDuelError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.metrics.significance import mcnemar, p_in_words
from mnist_core.models.architectures import ARCHITECTURES
from mnist_core.reporting.narration import digit_strip
from mnist_core.runs import promotion
from mnist_core.runs import store as runs
from mnist_core.runs.run import Run
from mnist_core.runs.store import SHIPPED
from mnist_core.runs.summaries import duration
from pages.parts import mnist_digits
from pages.parts.run_picker import all_runs, listed, test_predictions

SHOWN = 16

_into_view = st.components.v2.component(
    "digit_duel_into_view",
    js="""
    export default function ({ parentElement }) {
      const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      parentElement.closest(".st-key-train_card")?.scrollIntoView({ behavior: smooth, block: "start" });
    }
    """,
    isolate_styles=False,
)


def show_run() -> None:
    """A picker and the card of the run that was picked. The choice is in the address."""
    here = {
        name: run for name, run in all_runs().items() if run.folder.is_dir()
    }  # another visitor may have deleted one since they were listed
    if not here:
        return
    wanted = st.session_state.pop("train_show", None)
    if wanted in here:
        st.session_state.train_run = wanted
    elif wanted:
        st.session_state.train_error = (
            f"There is no run {wanted} any more: it was renamed or deleted. This is another one."
        )
    newest = max(here.values(), key=lambda run: run.created).name
    if st.session_state.get("train_run", newest) not in here:  # renamed or deleted meanwhile
        st.session_state.train_run = newest
    st.subheader("After training", anchor=False)
    name = st.selectbox("Run", list(here), list(here).index(newest), key="train_run", bind="query-params")
    run = here.get(name or newest, here[newest])
    in_use = here[promotion.default_pair(here)[0 if run.architecture == "mlp" else 1]]
    with st.container(border=True, key="train_card"):
        told = (
            st.container()
        )  # a place of its own: what stands below is not to move, and so to be there twice for a moment
        if message := st.session_state.pop("train_message", None):
            told.success(message, icon=":material/check:")
        if error := st.session_state.pop("train_error", None):
            told.error(error, icon=":material/error:")
        _figures(run, in_use)
        _actions(run, in_use)
        if run_styles := st.session_state.pop("train_into_view", 0):
            _into_view(key=f"train_into_view_{run_styles}")
    if run.name != in_use.name:
        _differences(run, in_use)


def _accuracy(test: Accuracy) -> str:
    fraction, low, high = (f"{value * 100:.2f}\u00a0%" for value in (test.fraction, test.low, test.high))
    return f"{fraction}<small>{low} to {high}, with 95\u00a0% confidence</small>"


def _figures(run: Run, in_use: Run) -> None:
    """Two columns of figures: this run, and the one in use."""
    shown = [run] if run.name == in_use.name else [run, in_use]
    heads = "".join(
        f"<th scope='col'><b>{each.name}</b><small>{'in use on the draw page' if each is in_use else escape(each.title)}</small></th>"
        for each in shown
    )

    def row(title: str, values: list[str]) -> str:
        return f"<tr><th scope='row'>{title}</th>{''.join(f'<td>{value}</td>' for value in values)}</tr>"

    rows = [
        row("Test accuracy", [_accuracy(each.test) for each in shown]),
        row(
            "Read wrongly",
            [
                f"{each.test.incorrect:,}<small>of {each.test.count:,} test digits of {_digit_set(each)}</small>"
                for each in shown
            ],
        ),
        row(
            "Size on disk",
            [f"{each.size_bytes / 1e6:.1f} MB<small>{each.parameters:,} parameters</small>" for each in shown],
        ),
        row(
            "Training time",
            [
                f"{duration(each.duration_seconds)}<small>best epoch: {each.best_epoch}{_arithmetic(each)}</small>"
                for each in shown
            ],
        ),
    ]
    st.html(
        f"<div class='scrolling'><table class='figures'><thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _digit_set(run: Run) -> str:
    """What it was tested on, in words."""
    name = str(run.data.get("name", "?"))
    return "the small offline set" if name == OFFLINE else escape(digit_set_title(name))


def _arithmetic(run: Run) -> str:
    """Where it learned in other arithmetic than usual, which."""
    return ", in bfloat16" if run.config.get("precision") == "mixed_bfloat16" else ""


def _actions(run: Run, in_use: Run) -> None:
    with st.container(key="train_actions", horizontal=True):
        used = run.name == in_use.name
        st.button(
            "In use on the draw page" if used else "Use this one on the draw page",
            icon=":material/draw:",
            key="train_promote",
            type="secondary" if used else "primary",
            disabled=used or run.architecture not in ARCHITECTURES,
            on_click=_promote,
            args=(run,),
        )
        own = run.name not in SHIPPED
        with st.popover(
            "Rename",
            icon=":material/edit:",
            key=f"train_rename_box_{run.name}",
            disabled=not own,
            help=None if own else "This run is part of the project and keeps its name.",
        ):
            new_name = st.text_input("New name", run.name, key=f"train_new_name_{run.name}", max_chars=200)
            st.button(
                "Rename",
                key=f"train_rename_{run.name}",
                on_click=_rename,
                args=(run, f"train_new_name_{run.name}"),
                disabled=new_name == run.name,
            )
        with st.popover(
            "Delete",
            icon=":material/delete:",
            key=f"train_delete_box_{run.name}",
            disabled=not own,
            help=None if own else "This run is part of the project and stays.",
        ):
            st.markdown(f"Delete **{run.name}** for good? This cannot be undone.")
            st.button("Delete it", key=f"train_delete_{run.name}", type="primary", on_click=_delete, args=(run,))
        for file, label in (("model.keras", ".keras"), ("model.tflite", ".tflite")):
            path = run.folder / file
            st.download_button(
                label,
                path.read_bytes,
                f"{run.name}{label}",
                icon=":material/download:",
                key=f"train_download_{file}",
                on_click="ignore",
            )


def _promote(run: Run) -> None:
    _do(
        lambda: promotion.promote(runs.load_run(run.name)),
        f"{run.name} now reads on the draw page, as its {ARCHITECTURES[run.architecture].title}.",
    )


def _rename(run: Run, key: str) -> None:
    new_name = str(st.session_state.get(key, "")).strip()
    if _do(lambda: runs.rename(run.name, new_name), f"{run.name} is now {new_name}."):
        st.session_state.train_show = new_name


def _delete(run: Run) -> None:
    _do(lambda: runs.delete(run.name), f"{run.name} was deleted.")


def _do(change: object, said: str) -> bool:
    """Do it, and keep what to say of it for the page that is drawn next."""
    try:
        change()  # type: ignore[operator]
    except DigitDuelError as error:
        st.session_state.train_error = str(error)
        return False
    finally:
        listed.clear()
    st.session_state.train_message = said
    return True


def _differences(run: Run, in_use: Run) -> None:
    """Digits that the run in use reads wrongly and this one rightly, and the other way round."""
    if run.data.get("digest") != in_use.data.get("digest"):
        st.caption(
            f"Digit by digit the two cannot be compared: {run.name} was tested on other digits ({_digit_set(run)}) than {in_use.name}."
        )
        return
    try:
        mine, used = test_predictions(run), test_predictions(in_use)
    except DigitDuelError as error:
        st.warning(str(error), icon=":material/error:")
        return
    right, right_in_use = mine.predicted == mine.labels, used.predicted == used.labels
    test = mcnemar(right, right_in_use)
    words = "The difference is real" if test.differs else "The difference may be chance"
    st.html(
        f"<p class='gloss'>{words}: McNemar's test on the digits that only one of them reads right, {p_in_words(test.p)}.</p>"
    )
    for title, which, predicted in (
        (
            f"{test.only_left:,} that {in_use.name} got wrong and {run.name} gets right",
            right & ~right_in_use,
            used.predicted,
        ),
        (
            f"{test.only_correct:,} that {in_use.name} got right and {run.name} gets wrong",
            ~right & right_in_use,
            mine.predicted,
        ),
    ):
        with st.expander(title, expanded=True):
            _digits(np.flatnonzero(which), mine.labels, predicted, run)


def _digits(indices: np.ndarray, labels: np.ndarray, predicted: np.ndarray, run: Run) -> None:
    if not len(indices):
        st.caption("None.")
        return
    some = indices[:SHOWN]
    captions = [f"{labels[index]} read as {predicted[index]}" for index in some]
    try:
        pictures = mnist_digits.digit_set(str(run.data.get("name"))).test.images
    except DigitDuelError:
        st.caption(f"{', '.join(captions)}. {mnist_digits.WHY_NOT}")
        return
    more = f"<p class='gloss'>and {len(indices) - SHOWN:,} more</p>" if len(indices) > SHOWN else ""
    st.html(digit_strip([pictures[index] for index in some], captions) + more)
