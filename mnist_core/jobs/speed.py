"""The speed of a training on this machine, as one process measures it and another one uses it.

>>> Speed.from_json(Speed(10_000, 50_000, 20_000, once=1.5).to_json()).preparing
inf
"""

import math
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Speed:
    """Digits a second in each kind of work. It is infinite for work that the training does not do.

    training, validation, testing: learning from digits, and predicting validation digits and test digits.
    preparing: distorting digits for an epoch. writing: generating handwriting.
    once: the seconds that it takes to build the network and to write the run.
    startup: the seconds until the process is ready to train.
    """

    training: float
    validation: float
    testing: float
    once: float
    preparing: float = math.inf
    writing: float = math.inf
    startup: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The figures as plain JSON values, with None for infinite."""
        return {name: None if math.isinf(value) else round(value, 2) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Speed":
        """The opposite of `to_json`.

        Other values are ignored. Raises KeyError or TypeError if a figure is missing or is no number.
        """
        names = list(cls.__dataclass_fields__)
        return cls(**{name: math.inf if values[name] is None else float(values[name]) for name in names})
