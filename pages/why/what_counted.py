"""What counted for each model's answer."""

from mnist_core.data.preprocessing import Digit
from pages.why.sides import Side


def show_what_counted(digit: Digit, sides: tuple[Side, Side]) -> None:
    """Show for each model what spoke for and against its answer. digit: as both models see it, (28, 28) in 0..1."""
