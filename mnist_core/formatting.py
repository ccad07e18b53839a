"""Figures as text: the one place where the pages, the command line and the reports turn a number into words.

>>> percent(0.9813), percent(0.5, digits=0), probability(1.0), duration(130), count(7_598_000), number(12345)
('98.13 %', '50 %', '> 99.9 %', '2 min 10 s', '7.60 million', '12,345')
"""


def percent(fraction: float, *, digits: int = 2) -> str:
    """A fraction, 0..1, in percent. digits: after the decimal point.

    >>> percent(0.99345)
    '99.34 %'
    """
    return f"{fraction * 100:.{digits}f} %"


def percent_range(low: float, high: float, *, digits: int = 2) -> str:
    """An interval of fractions, each 0..1.

    >>> percent_range(0.9785, 0.9838)
    '97.85 to 98.38 %'
    """
    return f"{low * 100:.{digits}f} to {percent(high, digits=digits)}"


def probability(fraction: float) -> str:
    """A model's probability, 0..1. Never '100 %' and never '0 %', because no model can know.

    >>> probability(0.9731), probability(1.0), probability(0.0002)
    ('97.3 %', '> 99.9 %', '< 0.1 %')
    """
    if fraction > 0.999:
        return "> 99.9 %"
    if fraction < 0.001:
        return "< 0.1 %"
    return percent(fraction, digits=1)


def number(value: float) -> str:
    """A whole number with its thousands apart.

    >>> number(407050)
    '407,050'
    """
    return f"{value:,.0f}"


def count(value: float) -> str:
    """A large number that reads at a glance.

    >>> count(850), count(407050), count(7_598_000)
    ('850', '407,050', '7.60 million')
    """
    return f"{value / 1e6:.2f} million" if value >= 1e6 else number(value)


def duration(seconds: float) -> str:
    """A time span as people say it: the longer it is, the less exact.

    >>> duration(7.52), duration(45), duration(130), duration(700), duration(5400)
    ('7.5 s', '45 s', '2 min 10 s', '12 min', '1 h 30 min')
    """
    if seconds < 9.95:
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
    """Bytes on disk.

    >>> size(2_200_000), size(5_700)
    ('2.2 MB', '5.7 kB')
    """
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e5 else f"{bytes_ / 1e3:.1f} kB"
