"""What the layers of each model compute."""

from mnist_core.data.preprocessing import Digit
from pages.why.sides import Side


def show_inside(digit: Digit, sides: tuple[Side, Side]) -> None:
    """Show the layers of both models for this digit. digit: as both models see it, (28, 28) in 0..1."""
