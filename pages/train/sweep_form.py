"""The form of a sweep: models, varied settings with their values, and seeds. Every choice is in the address."""

from dataclasses import replace

import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.data.datasets import MNIST, has_mnist
from mnist_core.errors import ConfigError, DigitDuelError
from mnist_core.formatting import plural
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.setting_labels import label
from mnist_core.runs.names import made_valid
from mnist_core.runs.recipes import RECIPES
from mnist_core.sweeps.sweep_outlook import outlook_in_words, sweep_outlook
from mnist_core.sweeps.sweep_plan import SweepPlan, free_sweep_stem, make_plan
from mnist_core.sweeps.sweep_store import check_sweep_free, free_sweep_name
from mnist_core.sweeps.varied_setting import VariedSetting, parse_varied
from pages.parts.access import allowed
from pages.parts.download_offer import offer_download
from pages.parts.glossary import NETWORKS, as_help
from pages.parts.messages import show_error, visitor_text
from pages.train import shared_jobs, shared_sweeps
from pages.train.training_form import DIGIT_SETS, choose_digits_that_are_here

OFFERED = {
    "width": "64, 128, 256, 512",
    "fraction": "0.01, 0.03, 0.1, 0.3, 1",
    "epochs": "2, 4, 8, 16",
    "learning_rate": "0.0003, 0.001, 0.003, 0.01",
    "batch_size": "50, 100, 500, 1000",
    "augmentation": "0, 0.4, 0.8, 1.2",
    "dropout": "0, 0.2, 0.4",
    "weight_decay": "0, 0.001, 0.01",
    "optimizer": "adam, rmsprop",
    "schedule": "constant, cosine",
}
"""The settings that the form varies, with the values that it begins with."""

NOTHING_MORE = "nothing more"
QUEUE, CLUSTER = "this server's queue", "the Ray cluster"
MOST_SEEDS = 10


def show_sweep_form() -> None:
    """The form, what the sweep will take, and the button."""
    try:
        plan = pick_plan()
    except DigitDuelError as error:
        show_error(error)
        return
    wanted = made_valid(
        st.text_input(
            "Name of the sweep",
            key="train_sweep_name",
            max_chars=200,
            placeholder=free_sweep_name(free_sweep_stem(plan)),
            help="Small letters, digits, '.', '_' and '-'. Anything else is replaced.",
        )
    )
    problem = problem_with(wanted)
    if problem:
        show_error(problem)
    on_cluster = pick_place() == CLUSTER
    try:
        plan = pick_end_worse(plan) if on_cluster else plan
    except ConfigError as error:
        show_error(error)
        return
    show_sweep_outlook(plan, on_cluster=on_cluster)
    is_mnist_missing = any(training.config.data == MNIST for training in plan.trainings()) and not has_mnist()
    if is_mnist_missing:
        offer_download("train")
    st.button(
        "Start the sweep",
        type="primary",
        icon=":material/play_arrow:",
        key="train_sweep_start",
        width="stretch",
        disabled=is_mnist_missing or bool(problem),
        on_click=start_sweep,
        args=(plan, wanted),
        kwargs={"on_cluster": on_cluster},
    )


def pick_plan() -> SweepPlan:
    """Show the fields and return the plan. Raises ConfigError for one that is impossible."""
    choose_digits_that_are_here()
    titles = {architecture.title: name for name, architecture in ARCHITECTURES.items()}
    models, recipe = st.columns([2, 3])
    picked = models.segmented_control(
        "Models",
        list(titles),
        selection_mode="multi",
        default=list(titles)[:2],
        key="train_sweep_models",
        bind="query-params",
        width="stretch",
        help=as_help(*NETWORKS),
    )
    architectures = [name for title, name in titles.items() if title in picked]
    recipes = [name for name, known in RECIPES.items() if all(each in known for each in architectures)]
    recipe_name = recipe.segmented_control(
        "Recipe",
        recipes,
        default="specified",
        key="train_sweep_recipe",
        bind="query-params",
        required=True,
        width="stretch",
        help=as_help("specified", "robust"),
    )
    varied = [_pick_varied("Vary", "width", "train_sweep_vary", list(OFFERED))]
    others = [NOTHING_MORE, *(name for name in OFFERED if name != varied[0].setting)]
    if second := _pick_second(others):
        varied.append(second)
    digits, seeds = st.columns([3, 2])
    data = digits.segmented_control(
        "Digits to learn from",
        list(DIGIT_SETS),
        format_func=DIGIT_SETS.__getitem__,
        default=MNIST,
        key="train_data",
        bind="query-params",
        required=True,
        width="stretch",
    )
    count = seeds.number_input(
        "Seeds",
        1,
        MOST_SEEDS,
        1,
        key="train_sweep_seeds",
        bind="query-params",
        help="Each value is trained with so many seeds. With several, the chart shows how much the luck of a training "
        "matters.",
    )
    keeps = st.checkbox(
        "Keep full models",
        key="train_sweep_keep",
        bind="query-params",
        help="model.keras of each run, with which another training can begin. Without it a run needs half the space.",
    )
    if not architectures:
        raise ConfigError("Choose one model or more.")
    return make_plan(
        architectures,
        varied,
        recipe=recipe_name or "specified",
        changes={"data": data or MNIST},
        seeds=range(1, int(count) + 1),
        keep_models=keeps,
    )


def _pick_varied(title: str, usual: str, key: str, names: list[str]) -> VariedSetting:
    setting, values = st.columns([2, 3])
    name = setting.selectbox(title, names, names.index(usual), format_func=_title, key=key, bind="query-params")
    return _pick_values(values, name)


def _pick_second(names: list[str]) -> VariedSetting | None:
    setting, values = st.columns([2, 3])
    name = setting.selectbox("and", names, format_func=_title, key="train_sweep_and", bind="query-params")
    return None if name == NOTHING_MORE else _pick_values(values, name)


def _pick_values(place: "st.delta_generator.DeltaGenerator", name: str) -> VariedSetting:
    help_ = (
        "Whole numbers are units of the last hidden layer, which both models have. Numbers with a decimal point are "
        "factors of the usual width."
        if name == "width"
        else "With commas between them."
    )
    typed = place.text_input(
        "Values", OFFERED.get(name, ""), key=f"train_sweep_{name}", bind="query-params", max_chars=300, help=help_
    )
    return parse_varied(f"{name}={typed}")


def _title(name: str) -> str:
    return {NOTHING_MORE: NOTHING_MORE, "width": "Width", "epochs": "Epochs"}.get(name, label(name))


def problem_with(name: str) -> str:
    """Why no new sweep can have this name; empty if it can, or if none is given."""
    try:
        if name:
            check_sweep_free(name)
    except DigitDuelError as error:
        return str(error).partition(",")[0] + "."
    return ""


def pick_place() -> str:
    """Where the trainings run. There is a choice only where a cluster is configured."""
    if not shared_sweeps.acts().may_use_cluster():
        return QUEUE
    picked = st.segmented_control(
        "Train on",
        (QUEUE, CLUSTER),
        default=QUEUE,
        key="train_sweep_on",
        bind="query-params",
        required=True,
        width="stretch",
        help="The queue trains one model after the other, between the trainings of others. The Ray cluster that "
        "RAY_ADDRESS names trains many at the same time, each on one core.",
    )
    return str(picked or QUEUE)


def pick_end_worse(plan: SweepPlan) -> SweepPlan:
    """Whether the cluster ends worse trainings early. Raises ConfigError where they cannot be compared."""
    is_wanted = st.checkbox(
        "End worse trainings early",
        key="train_sweep_end_worse",
        bind="query-params",
        help="After a quarter of its epochs, and again each time their number has doubled, a training goes on only if "
        "its validation accuracy is at least the median of those that came so far before it. So the time goes to the "
        "better ones. The chart leaves out what was ended.",
    )
    return replace(plan, end_worse=is_wanted)


def show_sweep_outlook(plan: SweepPlan, *, on_cluster: bool) -> None:
    """How many trainings, how long where they run, how large. Until that is known, it is drawn again each second."""
    if not allowed(Action.ESTIMATE):
        return
    _, is_known = _outlook(plan, on_cluster=on_cluster)

    def draw() -> None:
        if not allowed(Action.ESTIMATE):  # signed out since
            return
        words, is_known_now = _outlook(plan, on_cluster=on_cluster)
        if is_known_now and not is_known:
            st.rerun()
        st.caption(words)

    st.fragment(draw, run_every=None if is_known else "1s")()


def _outlook(plan: SweepPlan, *, on_cluster: bool) -> tuple[str, bool]:
    """What the sweep will take, in words, and whether all of that is known which can be known."""
    if not on_cluster:
        outlook = sweep_outlook(plan.trainings(), shared_jobs.acts().estimate, keep_models=plan.keep_models)
        return f":material/schedule: {outlook_in_words(outlook)}", not outlook.measuring
    outlook = sweep_outlook(plan.trainings(), shared_sweeps.estimate_of_one_core, keep_models=plan.keep_models)
    cluster = shared_sweeps.survey().answer()
    at_once = cluster.facts.cores if cluster.facts else 0
    words = outlook_in_words(outlook, at_once=at_once, end_worse=plan.end_worse)
    if cluster.facts:
        nodes = f"{plural(cluster.facts.nodes, 'node')} with {plural(cluster.facts.cores, 'core')}"
    else:
        nodes = "it is being asked what it has" if cluster.asking else "it cannot be used now, and the log says why"
    is_known = not outlook.measuring and (cluster.facts is not None or not cluster.asking)
    return f":material/schedule: {words} The cluster: {nodes}.", is_known


def start_sweep(plan: SweepPlan, name: str, *, on_cluster: bool = False) -> None:
    """Start a sweep under the name that was asked for, or a free one, and show it."""
    name = name or free_sweep_name(free_sweep_stem(plan))
    try:
        shared_sweeps.acts().start(name, plan, on_cluster=on_cluster)
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)
        return
    st.session_state.train_sweep = name
    st.session_state.train_sweep_name = ""
