"""The plan of a sweep: which trainings it consists of.

>>> plan = make_plan(["mlp"], [parse_varied("width=64,128")], seeds=(1, 2))
>>> [training.run for training in plan.trainings()]
['mlp-width-64-seed-1', 'mlp-width-128-seed-1', 'mlp-width-64-seed-2', 'mlp-width-128-seed-2']

A plan is plain data. It is stored with the sweep and can be sent elsewhere as JSON.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

from mnist_core.errors import ConfigError, RunError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.names import checked_name, made_valid
from mnist_core.runs.recipes import SETTINGS, TrainingConfig, recipe_config
from mnist_core.sweeps.varied_setting import Value, VariedSetting, parse_varied

__all__ = ["MOST_TRAININGS", "PlannedTraining", "SweepPlan", "make_plan", "parse_varied"]

MOST_TRAININGS = 200
"""In one sweep. More are a mistake, or work for a cluster."""

MOST_VARIED = 2
"""Settings in one sweep: a chart has no more axes."""

OTHER_VALIDATION = "each of its values has validation digits of its own"
NOT_COMPARABLE = {
    "epochs": "the sweep asks how long a training must be",
    "fraction": "an epoch is longer with more digits, so equal numbers of epochs are not equally much training",
    "data": OTHER_VALIDATION,
    "validation_digits": OTHER_VALIDATION,
    "augmentation": OTHER_VALIDATION,
    "handwriting": "without generated digits, there are none among the validation digits either",
}
"""The settings by whose values trainings cannot be compared while they run, and why."""


@dataclass(frozen=True)
class PlannedTraining:
    """One training of a sweep.

    run: the name of its run within the sweep. values: of the varied settings, in the order of the plan.
    """

    run: str
    config: TrainingConfig
    values: tuple[Value, ...]


@dataclass(frozen=True)
class SweepPlan:
    """bases: the settings that are not varied, a config for each architecture. varied: one or two settings.

    seeds: each combination of values is trained with each of them. keep_models: whether runs keep model.keras.
    end_worse: whether a cluster ends trainings early that are worse than others, see `cluster.ending_rule`.
    Raises ConfigError unless all of it can be trained: at most 200 trainings, each with possible settings. Also if
    trainings are to be ended early that cannot be compared while they run.
    """

    bases: tuple[TrainingConfig, ...]
    varied: tuple[VariedSetting, ...]
    seeds: tuple[int, ...] = (1,)
    keep_models: bool = False
    end_worse: bool = False

    def __post_init__(self) -> None:
        names = [setting.setting for setting in self.varied]
        if not 1 <= len(set(names)) <= MOST_VARIED or len(set(names)) < len(names):
            raise ConfigError(
                f"A sweep varies {', '.join(names) or 'nothing'}, expected one setting or two different ones."
            )
        if not self.bases or len(set(self.architectures)) < len(self.bases):
            raise ConfigError(
                f"A sweep trains {', '.join(self.architectures) or 'no architecture'}, expected one or more of "
                f"{', '.join(ARCHITECTURES)}, each once."
            )
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ConfigError(f"The seeds are {', '.join(map(str, self.seeds)) or 'none'}, expected each once.")
        if self.count > MOST_TRAININGS:
            raise ConfigError(
                f"This sweep has {self.count:,} trainings, expected at most {MOST_TRAININGS}. Vary fewer values, or "
                "use fewer seeds."
            )
        runs = [training.run for training in self.trainings()]  # each config is checked here
        if len(set(runs)) < len(runs):
            twice = next(run for run in runs if runs.count(run) > 1)
            raise ConfigError(f"Two of the values give the same name of a run, {twice!r}. Leave one of them out.")
        if self.end_worse:
            self._check_comparable(names)

    def _check_comparable(self, varied: Sequence[str]) -> None:
        """Raise ConfigError for trainings that cannot be compared while they run."""
        for name in varied:
            if name in NOT_COMPARABLE:
                raise ConfigError(
                    f"Worse trainings cannot be ended early where {name} varies: {NOT_COMPARABLE[name]}. Vary another "
                    "setting, or train all to the end."
                )
        for base in self.bases:
            if base.epochs == 1:
                raise ConfigError(
                    "Worse trainings cannot be ended early if they have one epoch. Use 2 or more, or train all to the "
                    "end."
                )

    @property
    def architectures(self) -> tuple[str, ...]:
        """The names of the architectures, in the order of the plan."""
        return tuple(base.architecture for base in self.bases)

    @property
    def count(self) -> int:
        """How many trainings there are."""
        count = len(self.bases) * len(self.seeds)
        for setting in self.varied:
            count *= len(setting.values)
        return count

    def combinations(self) -> Iterator[tuple[Value, ...]]:
        """Every combination of values."""
        return product(*(setting.values for setting in self.varied))

    def trainings(self) -> tuple[PlannedTraining, ...]:
        """All trainings in the order in which they are worked through.

        The first seed comes first with everything, so that the chart is soon as wide as it will be.
        """
        return tuple(
            self._training(base, values, seed)
            for seed in self.seeds
            for values in self.combinations()
            for base in self.bases
        )

    def _training(self, base: TrainingConfig, values: tuple[Value, ...], seed: int) -> PlannedTraining:
        changes: dict[str, Any] = {}
        words = [base.architecture]
        for setting, value in zip(self.varied, values, strict=True):
            changes |= setting.change(base.architecture, value)
            words += [setting.setting.replace("_", "-"), _in_name(value)]
        config = replace(base, **changes)
        config = replace(config, recipe=base.recipe if config == base else "custom", seed=seed)
        name = made_valid("-".join([*words, "seed", str(seed)]))
        return PlannedTraining(name, config, values)

    def in_order_of_work(self, trainings: Iterable[PlannedTraining]) -> tuple[PlannedTraining, ...]:
        """These trainings in the order in which they are started: that of the plan, unless worse ones are ended early.

        Then those with values in the middle come first for each seed. The first to be compared goes on in any case,
        and values at the ends, such as a far too large learning rate, are more often hopeless.
        """
        if not self.end_worse:
            return tuple(trainings)

        def from_the_middle(training: PlannedTraining) -> tuple[int, float]:
            places = [setting.values.index(value) for setting, value in zip(self.varied, training.values, strict=True)]
            middles = [(len(setting.values) - 1) / 2 for setting in self.varied]
            away = sum(abs(place - middle) for place, middle in zip(places, middles, strict=True))
            return self.seeds.index(training.config.seed), away

        return tuple(sorted(trainings, key=from_the_middle))

    def extended(self, further: Mapping[str, Sequence[Value]], seeds: Iterable[int] = ()) -> "SweepPlan":
        """The plan with further values and seeds. What it has already stays. Raises ConfigError for another setting."""
        known = [setting.setting for setting in self.varied]
        if others := [name for name in further if name not in known]:
            raise ConfigError(
                f"The sweep varies {' and '.join(known)}, not {', '.join(others)}. Extend those, or start a new sweep."
            )
        return replace(
            self,
            varied=tuple(setting.extended(tuple(further.get(setting.setting, ()))) for setting in self.varied),
            seeds=tuple(dict.fromkeys((*self.seeds, *seeds))),
        )

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "bases": [base.to_json() for base in self.bases],
            "varied": [asdict(setting) | {"values": list(setting.values)} for setting in self.varied],
            "seeds": list(self.seeds),
            "keep_models": self.keep_models,
            "end_worse": self.end_worse,
        }

    @classmethod
    def from_json(cls, values: Any) -> "SweepPlan":
        """The opposite of `to_json`. Raises ConfigError for anything else."""
        try:
            return cls(
                bases=tuple(TrainingConfig.from_json(base) for base in values["bases"]),
                varied=tuple(VariedSetting(each["setting"], tuple(each["values"])) for each in values["varied"]),
                seeds=tuple(_checked_seed(seed) for seed in values["seeds"]),
                keep_models=values["keep_models"] is True,
                end_worse=values.get("end_worse") is True,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"This is no plan of a sweep ({type(error).__name__}: {error}).") from error


def make_plan(
    architectures: Sequence[str],
    varied: Sequence[VariedSetting],
    *,
    recipe: str = "specified",
    changes: Mapping[str, Any] | None = None,
    seeds: Sequence[int] = (1,),
    keep_models: bool = False,
    end_worse: bool = False,
) -> SweepPlan:
    """A plan from a recipe and changes to it, which hold for all architectures. Raises ConfigError."""
    changes = {name: value for name, value in (changes or {}).items() if name != "seed"}
    if both := [setting.setting for setting in varied if setting.setting in changes]:
        raise ConfigError(f"{', '.join(both)} is set and varied at once. Do one or the other.")
    bases = tuple(recipe_config(recipe, architecture, **changes) for architecture in dict.fromkeys(architectures))
    checked_seeds = tuple(_checked_seed(seed) for seed in seeds)
    return SweepPlan(bases, tuple(varied), checked_seeds, keep_models, end_worse)


def free_sweep_stem(plan: SweepPlan) -> str:
    """A name that says what a sweep asks, such as 'mlp-cnn-width'. Raises RunError if that cannot be a name."""
    stem = made_valid("-".join([*plan.architectures, *(setting.setting for setting in plan.varied)]))
    try:
        return checked_name(stem)
    except RunError:
        return "sweep"


def _checked_seed(seed: Any) -> int:
    SETTINGS["seed"].check(seed)
    return int(seed)


def _in_name(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1f}" if value.is_integer() else f"{value:g}"
    return str(value)
