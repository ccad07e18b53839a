"""What a chart of a sweep shows: which figure, across what, and on which kind of axis. The rows are made here as well.

>>> SweepView(up="seconds").title_up
'Seconds of training'
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnist_core.formatting import count, duration, number, percent, percent_range, plural, setting
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.setting_labels import label, shown
from mnist_core.sweeps.sweep_plan import PlannedTraining, SweepPlan
from mnist_core.sweeps.sweep_points import SweepPoint, points_of
from mnist_core.sweeps.sweep_store import Sweep
from mnist_core.sweeps.training_result import TrainingResult
from mnist_core.sweeps.varied_setting import Value, VariedSetting

SPREAD = 20.0
"""Values that span more than this factor get a logarithmic axis unless somebody chooses."""

SETTING = "setting"
"""The value of `SweepView.across` for the first varied setting."""


@dataclass(frozen=True)
class Figure:
    """One figure of a training that a chart can show.

    title: on the axis. of: takes it from a result; None if it is not known. text: for people.
    """

    title: str
    of: Callable[[TrainingResult], float | None]
    text: Callable[[float], str]
    is_fraction: bool = False


FIGURES = {
    "accuracy": Figure("Test accuracy", lambda result: result.accuracy.fraction, percent, is_fraction=True),
    "robustness": Figure("Corrupted digits", lambda result: result.robustness, percent, is_fraction=True),
    "seconds": Figure("Seconds of training", lambda result: result.seconds, duration),
    "parameters": Figure("Parameters", lambda result: float(result.parameters), count),
}
"""By key, for both axes."""


@dataclass(frozen=True)
class SweepView:
    """up: a key of FIGURES. across: 'setting', or a key of FIGURES. logarithmic: whether the axis across is."""

    up: str = "accuracy"
    across: str = SETTING
    logarithmic: bool = False

    @property
    def title_up(self) -> str:
        """The title of the upright axis."""
        return FIGURES[self.up].title

    def title_across(self, plan: SweepPlan) -> str:
        """The title of the axis across."""
        return setting_title(plan.varied[0]) if self.across == SETTING else FIGURES[self.across].title


def setting_title(varied: VariedSetting) -> str:
    """The name of a varied setting on an axis."""
    if varied.counts_units:
        return "Units in the last hidden layer"
    return {"epochs": "Epochs", "width": "Factor of the width"}.get(varied.setting, label(varied.setting))


def value_text(varied: VariedSetting, value: Value) -> str:
    """A value of a varied setting, for people."""
    if varied.setting == "fraction" and isinstance(value, float):
        return f"{value * 100:g} %"
    if isinstance(value, float):
        return f"{value:g}"
    return shown(varied.setting, value) if isinstance(value, str) else setting(value)


def point_rows(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> list[dict[str, Any]]:
    """A row for each point that has both figures: run (the architecture's title), x, y, low, high, lowest, highest.

    low, high: the interval over the test digits; None for figures other than the accuracy. lowest, highest: over the
    seeds.
    """
    rows = []
    for point in points:
        results = list(point.results.values())
        ups = [up for result in results if (up := FIGURES[view.up].of(result)) is not None]
        x = _across(point, view)
        if len(ups) < len(results) or x is None:
            continue
        is_accuracy = view.up == "accuracy"
        rows.append(
            {
                "run": ARCHITECTURES[point.architecture].title,
                "x": x,
                "y": point.accuracy.fraction if is_accuracy else sum(ups) / len(ups),
                "low": point.accuracy.low if is_accuracy else None,
                "high": point.accuracy.high if is_accuracy else None,
                "lowest": min(ups),
                "highest": max(ups),
            }
        )
    return rows


def seed_rows(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> list[dict[str, Any]]:
    """A row for each finished training that has both figures: run, x, y, name, seed and texts for the tooltip."""
    seeds = {training.run: training.config.seed for training in plan.trainings()}
    rows = []
    for point in points:
        for name, result in point.results.items():
            y, x = FIGURES[view.up].of(result), _across(point, view)
            if y is None or x is None:
                continue
            accuracy = result.accuracy
            rows.append(
                {
                    "run": ARCHITECTURES[point.architecture].title,
                    "x": x,
                    "y": y,
                    "name": name,
                    "values": ", ".join(
                        f"{setting_title(varied)} {value_text(varied, value)}"
                        for varied, value in zip(plan.varied, point.values, strict=True)
                    ),
                    "seed": seeds[name],
                    "accuracy": f"{percent(accuracy.fraction)} ({percent_range(accuracy.low, accuracy.high)})",
                    "parameters": count(result.parameters),
                    "time": duration(result.seconds),
                }
            )
    return rows


def _across(point: SweepPoint, view: SweepView) -> Any:
    """Where a point stands on the axis across: the same for all of its seeds."""
    if view.across == SETTING:
        value = point.values[0]
        return ("yes" if value else "no") if isinstance(value, bool) else value
    figures = [FIGURES[view.across].of(result) for result in point.results.values()]
    known = [each for each in figures if each is not None]
    return sum(known) / len(known) if len(known) == len(figures) else None


def usual_view(plan: SweepPlan) -> SweepView:
    """The view of a sweep unless somebody chooses another: accuracy against the setting, on a fitting axis."""
    varied = plan.varied[0]
    numbers = [float(value) for value in varied.values if varied.is_numeric]
    spans = min(numbers, default=0.0) > 0 and max(numbers) / min(numbers) > SPREAD
    return SweepView(logarithmic=spans or (varied.counts_units and len(numbers) > 2))


def is_logarithmic(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> bool:
    """Whether the axis across is logarithmic. Without numbers above 0 it cannot be."""
    places = [_across(point, view) for point in points]
    numbers = [place for place in places if isinstance(place, (int, float))]
    return view.logarithmic and bool(numbers) and len(numbers) == len(places) and min(numbers) > 0


TABLE_TITLES = ("Seeds", "Test accuracy", "95 % interval", "Over the seeds", "Parameters", "Time")
"""The titles of the columns after those of the model and of the varied settings, see `table_rows`."""


def table_rows(sweep: Sweep) -> list[tuple[str, list[str]]]:
    """A row for each point: the model's title, the values of the varied settings, and what `TABLE_TITLES` names.

    A point whose trainings were all ended early has a row that says so instead of figures. Once all others are measured
    on corrupted digits, their mean accuracy is the last cell.
    """
    points = {(point.architecture, point.values): point for point in points_of(sweep)}
    has_robustness = is_measured(list(points.values()))
    ended: dict[tuple[str, tuple[Value, ...]], list[PlannedTraining]] = {}
    for training in sweep.plan.trainings():
        if training.run in sweep.ended_early:
            ended.setdefault((training.config.architecture, training.values), []).append(training)
    rows = []
    for architecture in sweep.plan.architectures:
        for values in sweep.plan.combinations():
            point, of_point = points.get((architecture, values)), ended.get((architecture, values), [])
            if not point and not of_point:
                continue
            texts = [value_text(varied, value) for varied, value in zip(sweep.plan.varied, values, strict=True)]
            cells = _figures_of(point, len(of_point)) if point else _ended_cells(sweep, of_point)
            if has_robustness:
                cells.append(percent(point.robustness or 0.0) if point else "–")
            rows.append((ARCHITECTURES[architecture].title, texts + cells))
    return rows


def _figures_of(point: SweepPoint, ended: int) -> list[str]:
    """What `TABLE_TITLES` names. ended: how many seeds of this point were ended early."""
    return [
        number(len(point.results)) + (f" of {number(len(point.results) + ended)}" if ended else ""),
        percent(point.accuracy.fraction),
        percent_range(point.accuracy.low, point.accuracy.high),
        percent_range(point.lowest, point.highest) if len(point.results) > 1 else "–",
        number(point.parameters),
        duration(point.seconds),
    ]


def _ended_cells(sweep: Sweep, trainings: list[PlannedTraining]) -> list[str]:
    """The same for a point without a finished training: after how many epochs those were ended, and the time spent."""
    results = [sweep.ended_early[training.run] for training in trainings]
    after = sorted({result.ended_after or 0 for result in results})
    epochs = number(after[0]) if len(after) == 1 else f"{number(after[0])} to {number(after[-1])}"
    return [
        f"0 of {number(len(trainings))}",
        f"ended after {epochs} of {number(trainings[0].config.epochs)} epochs",
        "–",
        "–",
        number(results[0].parameters),
        duration(sum(result.seconds for result in results) / len(results)),
    ]


def ended_early_in_words(sweep: Sweep) -> str:
    """What the chart leaves out because it was ended early, for people. Empty if nothing was."""
    if not sweep.ended_early:
        return ""
    text = (
        f"{number(len(sweep.ended_early))} of {plural(sweep.plan.count, 'training')} were ended early, because others "
        "had a better validation accuracy after as many epochs. The chart leaves them out."
    )
    if len(sweep.plan.seeds) > 1:
        text += " Where some seeds were ended, the mean is that of the others, which were better."
    return text


def ended_early_each(sweep: Sweep) -> dict[str, str]:
    """After how many epochs each training was ended that was, by the run's name."""
    epochs = {training.run: training.config.epochs for training in sweep.plan.trainings()}
    return {
        run: f"ended after {number(result.ended_after or 0)} of {plural(epochs[run], 'epoch')}, "
        f"validation accuracy {percent(result.validation_accuracy)}"
        for run, result in sweep.ended_early.items()
    }


def is_measured(points: list[SweepPoint]) -> bool:
    """Whether all runs were measured on corrupted digits, so that these can be compared."""
    return bool(points) and all(point.robustness is not None for point in points)


def in_words(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> str:
    """What the chart shows, in a sentence or two, for people who cannot see it."""
    rows = point_rows(plan, points, view)
    sentences = [f"{view.title_up} against {view.title_across(plan)[:1].lower()}{view.title_across(plan)[1:]}."]
    text = FIGURES[view.up].text
    for title in dict.fromkeys(row["run"] for row in rows):
        own = [row for row in rows if row["run"] == title]
        first, last = own[0], own[-1]
        sentences.append(f"{title}: {text(first['y'])} at {first['x']}, {text(last['y'])} at {last['x']}.")
    return " ".join(sentences)
