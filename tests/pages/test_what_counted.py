"""The section "What counted" of the page Why, without a browser."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.preprocessing import blank
from mnist_core.explanations.evidence import METHODS
from mnist_core.handwriting.generator import write
from mnist_core.models.classifier import Classifier
from mnist_core.runs.store import load_run

RUNS = ("mlp-specified", "cnn-specified")


def section(digit_bytes: bytes, names: tuple[str, str]) -> None:
    """A page that consists of the section alone. It is run as a script, so it imports what it needs."""
    import numpy as np

    from pages.parts.cached_runs import all_runs
    from pages.parts.heading import show_heading
    from pages.why.sides import side_of_run
    from pages.why.what_counted import show_what_counted

    show_heading("Why?", "")
    digit = np.frombuffer(digit_bytes, np.float32).reshape(28, 28)
    show_what_counted(digit, (side_of_run(all_runs()[names[0]]), side_of_run(all_runs()[names[1]])))


@pytest.fixture
def opened() -> Callable[..., AppTest]:
    def open_section(digit: np.ndarray, names: tuple[str, str] = RUNS) -> AppTest:
        app = AppTest.from_function(section, default_timeout=120, args=(digit.tobytes(), names)).run()
        assert not app.exception
        return app

    return open_section


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return np.asarray(write(4, seed=5).digits[2])


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html") if "<style" not in element.proto.body)


def maps(app: AppTest) -> list[str]:
    return re.findall(r"<img class='map' src='([^']+)'", html(app))


def test_both_models_have_a_map_and_a_sentence_that_is_true(opened: Callable[..., AppTest], digit: np.ndarray) -> None:
    shown = html(app := opened(digit))
    assert len(set(maps(app))) == 2
    for name, title in zip(RUNS, ("MLP", "CNN"), strict=True):
        predicted = Classifier(load_run(name).model_path).predict(digit).digit
        assert f"<b>{title}</b> predicts {predicted}," in shown
        assert re.search(rf"Without the [a-z ]+, the {title} (still )?predicts (<b>)?\d", shown)
        assert f"Evidence map of the {title} for {predicted} rather than" in shown


def test_the_other_method_gives_other_maps_and_says_what_it_does(
    opened: Callable[..., AppTest], digit: np.ndarray
) -> None:
    app = opened(digit)
    before = maps(app)
    first, second = METHODS.values()
    assert first.line in html(app)
    app.button_group(key="why_method").set_value(second.name).run()
    assert not app.exception
    assert second.line in html(app)
    assert set(maps(app)).isdisjoint(before)


def test_two_models_of_one_kind_are_told_apart_by_their_names(
    opened: Callable[..., AppTest], digit: np.ndarray
) -> None:
    shown = html(opened(digit, ("mlp-specified", "mlp-robust")))
    assert "<b>mlp-specified</b> predicts" in shown
    assert "<b>mlp-robust</b> predicts" in shown


def test_empty_paper_says_what_will_be_here(opened: Callable[..., AppTest]) -> None:
    app = opened(blank())
    assert "There is no ink yet" in html(app)
    assert not maps(app)
    assert not app.button


def test_a_change_of_mind_is_searched_on_a_press_only_and_forgotten_with_the_target(
    opened: Callable[..., AppTest], digit: np.ndarray
) -> None:
    app = opened(digit)
    assert not app.get("bidi_component")
    app.button(key="why_find").click().run()
    assert not app.exception
    assert len(app.get("bidi_component")) == 1
    app.selectbox(key="why_target").select("5").run()
    assert not app.get("bidi_component")


@pytest.mark.parametrize("kind", ["pixels", "stroke"])
def test_what_the_player_says_is_what_the_model_predicts(kind: str, digit: np.ndarray) -> None:
    from mnist_core.explanations.counterfactuals import fewest_pixels, shortest_stroke
    from pages.parts.cached_runs import all_runs
    from pages.why.change_of_mind import _side
    from pages.why.sides import side_of_run
    from pages.why.what_counted import model_of

    side = side_of_run(all_runs()["mlp-specified"])
    model = model_of(side)
    answer = int(model.predict(digit[None]).argmax())
    target = (answer + 1) % 10
    shown = _side(digit, ("MLP", side, model), kind, str(target))
    change = (fewest_pixels if kind == "pixels" else shortest_stroke)(model, digit, target)
    assert len(shown["frames"]) == len(change.steps)
    if change.found:
        assert shown["headline"].endswith(f"the MLP’s {answer} into {'an' if target == 8 else 'a'} {target}.")
    else:
        assert shown["headline"].startswith("The search found no ")
    assert shown["frames"][-1]["text"].startswith(f"predicts {change.predicted[-1]}, ")
    assert _side(digit, ("MLP", side, model), kind, str(answer))["headline"] == f"The MLP predicts {answer} already."
