"""A setting that a sweep varies, with its values.

>>> varied = parse_varied("width=64,128")
>>> varied.setting, varied.values, varied.change("mlp", 64)
('width', (64, 128), {'width': 0.125})

Most values are those of the setting. Only the width may be given in two ways. A whole number is the number of units in
the last hidden layer, which the MLP and the CNN both have, so that one value makes sense for both. A number with a
decimal point is the factor of `TrainingConfig.width`.

>>> parse_varied("width=0.5,1.0").values
(0.5, 1.0)
"""

from dataclasses import dataclass
from typing import Any

from mnist_core.errors import ConfigError
from mnist_core.formatting import number
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import SETTINGS

Value = str | int | float | bool

WIDTH = "width"

NOT_VARIED = ("architecture", "recipe", "seed")
"""A plan has a place of its own for these."""

TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class VariedSetting:
    """setting: a name in `SETTINGS`. values: at least one, each once, in the order of the axis.

    Raises ConfigError for a setting that cannot be varied, for values of another type, and for a value given twice.
    """

    setting: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if self.setting not in SETTINGS or self.setting in NOT_VARIED:
            known = ", ".join(name for name in SETTINGS if name not in NOT_VARIED)
            raise ConfigError(f"{self.setting!r} cannot be varied in a sweep, expected one of {known}.")
        values = tuple(_checked(self.setting, value) for value in self.values)
        if not values:
            raise ConfigError(f"{self.setting} has no values to vary. Name one or more, such as {self.setting}=1,2.")
        if len(set(values)) < len(values):
            raise ConfigError(f"{self.setting} has a value twice in {', '.join(map(str, values))}. Name each once.")
        object.__setattr__(self, "values", _in_order(values))

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers, which have places on an axis."""
        return SETTINGS[self.setting].type in (int, float)

    @property
    def counts_units(self) -> bool:
        """Whether the values are numbers of units, not factors of a width."""
        return self.setting == WIDTH and isinstance(self.values[0], int)

    def change(self, architecture: str, value: Value) -> dict[str, Value]:
        """The setting of a training that this value means. Raises ConfigError if the architecture cannot have it."""
        if self.setting != WIDTH or not isinstance(value, int):
            return {self.setting: value}
        return {WIDTH: width_of(architecture, value)}

    def extended(self, values: tuple[Value, ...]) -> "VariedSetting":
        """The same setting with further values. Those that it has already change nothing. Raises ConfigError."""
        further = VariedSetting(self.setting, values).values if values else ()
        return VariedSetting(self.setting, tuple(dict.fromkeys((*self.values, *further))))


def width_of(architecture: str, units: int) -> float:
    """The factor by which the last hidden layer of an architecture has that many units.

    Raises ConfigError if no factor from 0.1 to 8 gives exactly that number.

    >>> width_of("mlp", 64), width_of("cnn", 64)
    (0.125, 0.5)
    """
    kind = ARCHITECTURES[architecture]
    usual = kind.hidden_sizes()[-1]
    width, setting = units / usual, SETTINGS[WIDTH]
    low, high = setting.low or 0.0, setting.high or 1.0
    if not low <= width <= high or kind.hidden_sizes(width)[-1] != units:
        least, most = -(-usual * low // 1), usual * high // 1
        raise ConfigError(
            f"A width of {units} is the number of units in the last hidden layer of the {kind.title}, expected "
            f"{number(least)} to {number(most)}. A factor has a decimal point, such as 2.0."
        )
    return width


def parse_varied(text: str) -> VariedSetting:
    """The setting and values in a text such as 'epochs=4,8,16'. Raises ConfigError for any other text.

    >>> parse_varied("normalisation=yes,no").values
    (True, False)
    """
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals:
        raise ConfigError(f"{text!r} names no values to vary. Write for example epochs=4,8,16.")
    if name not in SETTINGS:
        return VariedSetting(name, ())
    return VariedSetting(name, tuple(_parsed(name, value.strip()) for value in values.split(",")))


def _parsed(name: str, text: str) -> Value:
    kind = SETTINGS[name].type
    try:
        if kind is bool:
            return TRUTHS[text.lower()]
        if kind is int or (name == WIDTH and text.isdecimal()):
            return int(text)
        return float(text) if kind is float else text
    except (ValueError, KeyError):
        raise ConfigError(f"{name} is {text!r}, expected {SETTINGS[name].expected}.") from None


def _checked(name: str, value: Any) -> Value:
    """The value in the type of its setting. What fits into its range is for `TrainingConfig` to say."""
    kind = SETTINGS[name].type
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and name != WIDTH:
        return float(value)
    is_units = name == WIDTH and type(value) is int
    if not is_units and type(value) is not kind:
        raise ConfigError(f"{name} is {value!r}, expected {SETTINGS[name].expected}.")
    result: Value = value
    return result


def _in_order(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Numbers by size, and anything else as it was given. Raises ConfigError where units and factors are mixed."""
    if any(isinstance(value, (str, bool)) for value in values):
        return values
    if len({type(value) for value in values}) > 1:
        raise ConfigError(
            f"width is {', '.join(map(str, values))}: whole numbers are units, numbers with a decimal point are "
            "factors. Use one or the other."
        )
    return tuple(sorted(values))
