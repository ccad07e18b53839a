"""This module turns numbers into text for the pages, the command line and the reports.

>>> percent(0.9813), percent(0.5, digits=0), probability(1.0)
('98.13 %', '50 %', '> 99.9 %')
>>> duration(130), number(12345), count(7_598_000), size(2_200_000)
('2 min 10 s', '12,345', '7.60 million', '2.2 MB')
"""

from typing import Any

LONGEST_SETTING = 120
"""Characters. A longer setting, from a run of somebody else's, is cut."""


def percent(fraction: float, *, digits: int = 2) -> str:
    """A fraction, 0..1, in percent. `digits` is the number of digits after the decimal point.

    >>> percent(0.99345), percent(0.0521, digits=0)
    ('99.34 %', '5 %')
    """
    return f"{fraction * 100:.{digits}f} %"


def short_percent(fraction: float) -> str:
    """A fraction in percent without decimals that say nothing: for settings and for the ticks of an axis.

    >>> short_percent(0.05), short_percent(0.055), short_percent(1.0)
    ('5 %', '5.5 %', '100 %')
    """
    return f"{fraction * 100:.6g} %"


def percent_range(low: float, high: float, *, digits: int = 2) -> str:
    """An interval of fractions, each 0..1.

    >>> percent_range(0.9785, 0.9838)
    '97.85 to 98.38 %'
    """
    return f"{low * 100:.{digits}f} to {percent(high, digits=digits)}"


def probability(fraction: float) -> str:
    """A model's probability, 0..1. The text is never '100 %' or '0 %', because no model can be certain.

    >>> probability(0.9731), probability(1.0), probability(0.0002)
    ('97.3 %', '> 99.9 %', '< 0.1 %')
    """
    if fraction > 0.999:
        return "> 99.9 %"
    if fraction < 0.001:
        return "< 0.1 %"
    return percent(fraction, digits=1)


def percentage_points(difference: float) -> str:
    """The difference of two fractions, -1..1, with its sign.

    >>> percentage_points(0.15), percentage_points(-0.004)
    ('+15.0 points', '-0.4 points')
    """
    return f"{difference * 100:+.1f} points"


def loss(value: float) -> str:
    """A cross-entropy, in nats.

    >>> loss(0.04699)
    '0.0470'
    """
    return f"{value:.4f}"


def number(value: float) -> str:
    """A whole number with commas between the thousands.

    >>> number(407050)
    '407,050'
    """
    return f"{value:,.0f}"


def count(value: float) -> str:
    """A large number that is easy to grasp.

    >>> count(850), count(407050), count(7_598_000)
    ('850', '407,050', '7.60 million')
    """
    return f"{value / 1e6:.2f} million" if value >= 1e6 else number(value)


def plural(value: int, one: str, many: str = "") -> str:
    """A number with its noun. `many` is the plural; without it, the plural is `one` with an s.

    >>> plural(1, "epoch"), plural(1200, "epoch"), plural(2, "mistake in all", "mistakes in all")
    ('1 epoch', '1,200 epochs', '2 mistakes in all')
    """
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def times(ratio: float) -> str:
    """How many times as large one number is as another: two significant figures below ten, whole numbers from ten on.

    >>> times(1.34), times(18.7)
    ('1.3 ×', '19 ×')
    """
    return f"{number(ratio)} ×" if ratio >= 9.95 else f"{ratio:.1f} ×"


def duration(seconds: float, *, whole_seconds: bool = False) -> str:
    """A time span. The longer it is, the more it is rounded.

    With `whole_seconds`, times below ten seconds have no decimals and are at least one second: for estimates.

    >>> duration(7.52), duration(45), duration(130), duration(700), duration(5400)
    ('7.5 s', '45 s', '2 min 10 s', '12 min', '1 h 30 min')
    >>> duration(7.52, whole_seconds=True), duration(0, whole_seconds=True)
    ('8 s', '1 s')
    """
    if whole_seconds:
        seconds = max(1, round(seconds))
    elif seconds < 9.95:
        return f"{seconds:.1f} s"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    if seconds < 595:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    if seconds < 3570:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h" + (f" {minutes} min" if minutes else "")


def microseconds(value: float) -> str:
    """A very short time span, in microseconds.

    >>> microseconds(20.4), microseconds(1250)
    ('20 µs', '1,250 µs')
    """
    return f"{value:,.0f} µs" if value >= 10 else f"{value:.1f} µs"


def size(bytes_: float) -> str:
    """The size of a file or a folder, from bytes.

    >>> size(2_200_000), size(489_744), size(5_700)
    ('2.2 MB', '490 kB', '5.7 kB')
    """
    if bytes_ >= 999_500:
        return f"{bytes_ / 1e6:.1f} MB"
    return f"{bytes_ / 1e3:.0f} kB" if bytes_ >= 9_950 else f"{bytes_ / 1e3:.1f} kB"


def setting(value: Any) -> str:
    """A setting of a training, of any type. None and the empty text become a dash.

    >>> setting(True), setting(60000), setting(0.001), setting(None)
    ('yes', '60,000', '0.001', '–')
    """
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, int) else str(value)[:LONGEST_SETTING]


ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def ordinal(number: int) -> str:
    """The place in a short row, at most 20.

    >>> ordinal(1), ordinal(2), ordinal(3), ordinal(11)
    ('1st', '2nd', '3rd', '11th')
    """
    return f"{number}{ENDINGS.get(number, 'th')}"
