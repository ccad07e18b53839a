"""Sweeps on disk.

    trained_models/.sweeps/how-wide/
        sweep.json                  the plan, and which trainings failed, with the reason
        mlp-width-64-seed-1/        a run, with the files of any run
        .worked-on, .stop           who works through the sweep, see `sweep_marks`

What is finished is not noted anywhere: a training is finished if its run exists. So nothing can contradict the runs,
whatever ended the process that trained them. A run with an `ended_early.json` was ended because others were better.

A sweep that comes with the project is one file in the folder `shipped_sweeps`, with its results instead of runs.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mnist_core.errors import ConfigError, DigitDuelError, RunError
from mnist_core.runs.file_format import read_text
from mnist_core.runs.folders import SWEEPS, runs_folder, search_folders
from mnist_core.runs.names import checked_name, numbered
from mnist_core.runs.processes import mark
from mnist_core.runs.writing import remove
from mnist_core.sweeps import sweep_marks
from mnist_core.sweeps.sweep_marks import is_asked_to_stop, is_worked_on
from mnist_core.sweeps.sweep_plan import PlannedTraining, SweepPlan
from mnist_core.sweeps.training_result import TrainingResult, read_result

FORMAT = 1
"""Version of sweep.json. A reader refuses any other."""

FILE = "sweep.json"

SHIPPED_SWEEPS = Path(__file__).parent / "shipped_sweeps"


@dataclass(frozen=True)
class Sweep:
    """A sweep and how far it is.

    folder: of its runs; None for a shipped one, which has results only. created: ISO 8601, UTC.
    started_by: the identity of who asked for it, see `access.roles.Person`. Empty where nobody has one.
    failures: why the last attempt failed, by the run's name. results: by the run's name, of the finished trainings.
    ended_early: the same of those that were ended because others were better. They are no result of the sweep.
    on_cluster: whether its trainings run on a cluster when a server continues it.
    worked_on: whether a process works through it at this moment. stopping: whether that one was asked to stop.
    """

    name: str
    plan: SweepPlan
    folder: Path | None = None
    created: str = ""
    started_by: str = ""
    on_cluster: bool = False
    failures: dict[str, str] = field(default_factory=dict)
    results: dict[str, TrainingResult] = field(default_factory=dict)
    ended_early: dict[str, TrainingResult] = field(default_factory=dict)
    worked_on: bool = False
    stopping: bool = False

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the project, as figures without runs."""
        return self.folder is None

    @property
    def missing(self) -> tuple[PlannedTraining, ...]:
        """The trainings that are neither finished nor ended early, in the order of the plan."""
        return tuple(training for training in self.plan.trainings() if training.run not in self.runs)

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of its runs: of the finished trainings, then of those that were ended early."""
        return (*self.results, *self.ended_early)

    def address(self, run: str) -> str:
        """The name by which the rest of the program knows a run of this sweep."""
        return f"{self.name}/{run}"

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON values, as a shipped sweep is stored."""
        return {
            "format": FORMAT,
            "name": self.name,
            "created": self.created,
            "plan": self.plan.to_json(),
            "results": {run: result.to_json() for run, result in self.results.items()},
            "ended_early": {run: result.to_json() for run, result in self.ended_early.items()},
            "failures": self.failures,
        }


def create_sweep(
    name: str, plan: SweepPlan, folder: Path | None = None, *, started_by: str = "", on_cluster: bool = False
) -> Sweep:
    """Write a new sweep without runs. folder: where runs lie, None for the usual place.

    Raises RunError if the name is taken or cannot be one, or if nothing can be written.
    """
    check_sweep_free(name, folder)
    place = _place(name, folder)
    sweep = Sweep(name, plan, place, datetime.now(UTC).isoformat(timespec="seconds"), started_by, on_cluster)
    try:
        place.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"The sweep {name!r} cannot be written to {place} ({error}).") from error
    try:
        _write(sweep)
    except RunError:
        with suppress(OSError):
            place.rmdir()
        raise
    return sweep


def load_sweep(name: str, folder: Path | None = None) -> Sweep:
    """The sweep of that name, one's own or a shipped one, as it is now. Raises RunError if it is absent or damaged."""
    checked_name(name)
    path = _find(name, folder)
    if path is None:
        names = ", ".join(sweep_names(folder))
        raise RunError(
            f"There is no sweep {name!r} in {folder or runs_folder()}. "
            + (f"There are: {names}." if names else "Start one with `digit-duel sweep mlp --vary epochs=4,8`.")
        )
    sweep = _read(path, name)
    if sweep.folder is None:
        return sweep
    found = {training.run: read_result(sweep.folder / training.run) for training in sweep.plan.trainings()}
    results = {run: result for run, result in found.items() if result and result.ended_after is None}
    ended_early = {run: result for run, result in found.items() if result and result.ended_after is not None}
    failures = {run: reason for run, reason in sweep.failures.items() if not found.get(run)}
    worked_on = is_worked_on(sweep.folder)
    stopping = worked_on and is_asked_to_stop(sweep.folder)
    return replace(
        sweep,
        results=results,
        ended_early=ended_early,
        failures=failures,
        worked_on=worked_on,
        stopping=stopping,
    )


def _read(path: Path, name: str) -> Sweep:
    """What the file of a sweep says. Raises RunError if it is damaged."""
    try:
        facts = json.loads(read_text(path))
        if facts["format"] != FORMAT:
            raise ValueError(f"format {facts['format']!r}, this version reads {FORMAT}")
        return Sweep(
            name,
            SweepPlan.from_json(facts["plan"]),
            path.parent if path.name == FILE else None,
            str(facts["created"]),
            str(facts.get("started_by", "")),
            facts.get("on_cluster") is True,
            {str(run): str(reason) for run, reason in dict(facts["failures"]).items()},
            {str(run): TrainingResult.from_json(values) for run, values in dict(facts.get("results", {})).items()},
            {str(run): TrainingResult.from_json(values) for run, values in dict(facts.get("ended_early", {})).items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ConfigError) as error:
        raise RunError(
            f"{path.name} of the sweep {name!r} is damaged ({type(error).__name__}: {error}). Its runs are still in "
            f"{path.parent}; delete that folder, or restore the file."
        ) from error


def list_sweeps(folder: Path | None = None) -> tuple[list[Sweep], list[str]]:
    """All sweeps by name, shipped ones last, and a message for each that is damaged."""
    sweeps, damaged = [], []
    for name in sweep_names(folder):
        try:
            sweeps.append(load_sweep(name, folder))
        except DigitDuelError as error:
            damaged.append(str(error))
    return sorted(sweeps, key=lambda sweep: (sweep.is_shipped, sweep.name)), damaged


def sweep_names(folder: Path | None = None) -> list[str]:
    """The names of all sweeps, shipped ones included, sorted. folder: search only here and among the shipped ones."""
    own = {path.parent.name for place in search_folders(folder) for path in (place / SWEEPS).glob(f"[!.]*/{FILE}")}
    return sorted(own | {path.stem for path in SHIPPED_SWEEPS.glob("*.json")})


def extend_sweep(sweep: Sweep, plan: SweepPlan) -> Sweep:
    """Give a sweep a larger plan. What is finished stays.

    Raises RunError for a shipped sweep, and while it is worked on.
    """
    _check_own(sweep, "extended")
    if sweep.folder and is_worked_on(sweep.folder):
        raise RunError(f"The sweep {sweep.name!r} is worked on just now. Stop it, or wait for its end.")
    extended = replace(sweep, plan=plan)
    _write(extended)
    return extended


def note_failure(sweep: Sweep, run: str, reason: str) -> None:
    """Remember why a training failed; an empty reason forgets it. A note that cannot be written is left out.

    Nothing else in the file changes: its plan may be larger by now than that of `sweep`.
    """
    assert sweep.folder
    with suppress(RunError):
        present = _read(sweep.folder / FILE, sweep.name)
        failures = {each: why for each, why in {**present.failures, run: reason}.items() if why}
        if failures != present.failures:
            _write(replace(present, failures=failures))


def delete_sweep(name: str, folder: Path | None = None) -> None:
    """Delete a sweep with all its runs, also a damaged one, in one step.

    Raises RunError if it is absent, shipped, or worked on at this moment.
    """
    path = _place(checked_name(name), folder)
    if not path.is_dir():
        if (SHIPPED_SWEEPS / f"{name}.json").is_file():
            raise RunError(f"The sweep {name!r} is part of the project and cannot be deleted.")
        raise RunError(f"There is no sweep {name!r} in {folder or runs_folder()}. It may have been deleted meanwhile.")
    if is_worked_on(path):
        raise RunError(f"The sweep {name!r} is worked on just now. Stop it before you delete it.")
    try:
        remove(path)
    except OSError as error:
        raise RunError(f"The sweep {name!r} could not be deleted ({error}). It is still whole.") from error


def check_sweep_free(name: str, folder: Path | None = None) -> None:
    """Raise RunError if no new sweep can have this name."""
    if _find(checked_name(name), folder) or _place(name, folder).exists():
        raise RunError(
            f"There is a sweep {name!r} already. Choose another name, continue it with --resume {name}, or enlarge it "
            f"with --extend {name}."
        )


def free_sweep_name(stem: str, folder: Path | None = None) -> str:
    """The stem itself, or the first of stem-2, stem-3 and so on that no sweep has. Raises RunError if it is no name."""
    return next(
        name for name in numbered(checked_name(stem)) if not _find(name, folder) and not _place(name, folder).exists()
    )


@contextmanager
def working_on(sweep: Sweep) -> Iterator[None]:
    """In the block, this process works through the sweep, and no other may.

    Raises RunError if one does already, if the sweep is shipped, or if its folder cannot be written.
    """
    _check_own(sweep, "continued")
    assert sweep.folder
    with sweep_marks.working_on(sweep.folder):
        yield


def _check_own(sweep: Sweep, what: str) -> None:
    if sweep.is_shipped:
        raise RunError(
            f"The sweep {sweep.name!r} is part of the project, as figures, and cannot be {what}. Start one like it."
        )


def _place(name: str, folder: Path | None) -> Path:
    """Where one's own sweep of that name lies, or would lie."""
    return (folder or runs_folder()) / SWEEPS / name


def _find(name: str, folder: Path | None) -> Path | None:
    """The file with the plan of that sweep; None if there is none."""
    places = [place / SWEEPS / name / FILE for place in search_folders(folder)]
    return next((path for path in [*places, SHIPPED_SWEEPS / f"{name}.json"] if path.is_file()), None)


def _write(sweep: Sweep) -> None:
    """Write sweep.json in one step. Raises RunError if that is impossible; then the old one stays."""
    assert sweep.folder
    path, partial = sweep.folder / FILE, sweep.folder / f".{FILE}.{mark()}"
    facts = {name: value for name, value in sweep.to_json().items() if name not in ("results", "ended_early")}
    own = {"started_by": sweep.started_by, **({"on_cluster": True} if sweep.on_cluster else {})}
    try:
        partial.write_text(json.dumps(facts | own, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RunError(
            f"The sweep {sweep.name!r} cannot be written to {sweep.folder} ({error}). Free some space, or set "
            "TRAINED_MODELS to another place."
        ) from error
