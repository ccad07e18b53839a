"""One setting of a training: its meaning, type, range and choices, in one place for the checks, the command line and
the form.

>>> epochs = Setting("epochs", int, "How often the digits are gone through.", low=1, high=1000)
>>> epochs.expected
'1 to 1,000'
>>> epochs.check(0)
Traceback (most recent call last):
mnist_core.errors.ConfigError: epochs is 0, expected 1 to 1,000.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING as NOTHING
from dataclasses import Field, dataclass
from typing import Any

from mnist_core.errors import ConfigError

TYPE_NAMES: dict[Any, str] = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


@dataclass(frozen=True)
class Setting:
    """One setting.

    help: the meaning, in a sentence or two for people.
    unit: of the value, '' for none.
    choices: the values that are accepted; empty if any value in the range is.
    file_ending: paths with this ending are accepted besides the choices; '' if none are.
    low, high: the range; None for no limit. low_excluded, high_excluded: whether the limit itself is outside the range.
    default: the value unless somebody gives one; None if there is no default.
    """

    name: str
    type: type
    help: str
    unit: str = ""
    choices: Collection[str] = ()
    file_ending: str = ""
    low: float | None = None
    high: float | None = None
    low_excluded: bool = False
    high_excluded: bool = False
    default: Any = None

    @property
    def expected(self) -> str:
        """The accepted values, as error messages and help texts name them.

        >>> Setting("data", str, "", choices=("MNIST", "offline")).expected
        'one of MNIST, offline'
        >>> Setting("learning_rate", float, "", low=0, high=1, low_excluded=True).expected
        'above 0 and at most 1'
        """
        if self.choices:
            file = f", or a path that ends in {self.file_ending}" if self.file_ending else ""
            return f"one of {', '.join(self.choices)}{file}"
        if self.low is None or self.high is None:
            return TYPE_NAMES[self.type]
        low, high = _text(self.low), _text(self.high)
        if self.low_excluded:
            return f"above {low} and {'below' if self.high_excluded else 'at most'} {high}"
        return f"{low} to {'below ' if self.high_excluded else ''}{high}"

    @property
    def help_text(self) -> str:
        """The meaning with unit, accepted values and default, as one text.

        >>> Setting("repeats", int, "Epochs that reuse digits.", low=1, high=1000, default=1).help_text
        'Epochs that reuse digits. Expected: 1 to 1,000. Default: 1.'
        """
        unit = f" In {self.unit}." if self.unit else ""
        default = "" if self.default is None or self.default == "" else f" Default: {_text(self.default)}."
        return f"{self.help}{unit} Expected: {self.expected}.{default}"

    def check(self, value: object) -> None:
        """Raise ConfigError for a value of another type or outside the range, naming both."""
        if not self._has_type(value):
            raise ConfigError(f"{self.name} is {value!r}, expected {TYPE_NAMES[self.type]}.")
        if not self._in_range(value):
            raise ConfigError(f"{self.name} is {value!r}, expected {self.expected}.")

    def _has_type(self, value: object) -> bool:
        if self.type is bool or isinstance(value, bool):
            return self.type is bool and isinstance(value, bool)
        return isinstance(value, (int, float) if self.type is float else self.type)

    def _in_range(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices or bool(self.file_ending and value.endswith(self.file_ending))
        above = self.low is None or (value > self.low if self.low_excluded else value >= self.low)
        below = self.high is None or (value < self.high if self.high_excluded else value <= self.high)
        return above and below


def described(help_: str, **facts: Any) -> Mapping[str, Any]:
    """The metadata of a dataclass field that is a setting. facts: as of `Setting`, without name, type and default."""
    return {"help": help_, **facts}


def setting_of(field: Field[Any]) -> Setting:
    """The setting that a dataclass field with `described` metadata is."""
    assert isinstance(field.type, type)
    default = None if field.default is NOTHING else field.default
    return Setting(field.name, field.type, default=default, **field.metadata)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
