"""What the tests of sweeps share: a plan, and a launcher whose trainings write a copy of a shipped run at once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from mnist_core.events import Event
from mnist_core.runs.folders import run_path
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.writing import writing
from mnist_core.sweeps.sweep_plan import SweepPlan, make_plan, parse_varied
from mnist_core.sweeps.training_result import note_ended_early
from tests.conftest import ROOT
from tests.scripted import DONE


def plan(
    *varied: str,
    architectures: tuple[str, ...] = ("mlp",),
    seeds: tuple[int, ...] = (1,),
    end_worse: bool = False,
) -> SweepPlan:
    """A plan that varies these, such as 'epochs=1,2'."""
    settings = [parse_varied(each) for each in varied or ("epochs=1,2",)]
    return make_plan(architectures, settings, seeds=seeds, end_worse=end_worse)


class CopiedTraining:
    """A training that takes no time. Its run is a copy of the specified one of its architecture, with its config."""

    def __init__(self, config: TrainingConfig, name: str, folder: Path) -> None:
        self._config, self._name, self._folder = config, name, folder

    def events(self) -> Iterator[Event]:
        with writing(self._name, self._folder, without=("model.keras",)) as partial:
            source = ROOT / "trained_models" / f"{self._config.architecture}-specified"
            for file in ("model.tflite", "history.json", "test_predictions.npz"):
                shutil.copy(source / file, partial / file)
            facts = json.loads((source / "run.json").read_text())
            facts |= {"config": self._config.to_json(), "keras_model": False}
            facts["test"]["incorrect"] += self._config.epochs
            (partial / "run.json").write_text(json.dumps(facts))
        yield {**DONE, "name": self._name}

    def stop(self, *, keep: bool) -> None: ...

    def failure(self) -> str:
        return "it failed"


class TrainingEndedEarly(CopiedTraining):
    """A training that was ended after three epochs, because others were better."""

    def events(self) -> Iterator[Event]:
        for event in super().events():
            note_ended_early(run_path(self._folder, self._name), epochs=3)
            yield {**event, "stopped": True, "ended_early": True}  # type: ignore[typeddict-item, misc]


class Launches:
    """A launcher that notes what was started. `broken` names runs whose training fails.

    worse: the runs whose training is ended early, by the end of their names.
    """

    worse: tuple[str, ...] = ()

    def __init__(self, folder: Path, *broken: str) -> None:
        self.folder, self.broken, self.started = folder, set(broken), list[str]()

    def __call__(self, config: TrainingConfig, name: str) -> CopiedTraining:
        self.started.append(name)
        kind = TrainingEndedEarly if self.worse and name.endswith(self.worse) else CopiedTraining
        training = kind(config, name, self.folder)
        if name in self.broken:
            training.events = lambda: iter(())  # type: ignore[method-assign]
        return training
