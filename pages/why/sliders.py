"""What the sliders of the page *Why* are called, and how a sentence says what each has done to the digit."""

from dataclasses import asdict, dataclass
from typing import Any

from mnist_core.distortions.nudges import RANGES


@dataclass(frozen=True)
class Slider:
    """One amount of a nudge, as the page shows it.

    title: its label. unit: after a number. more, less: what was done to the digit above and below the neutral value;
    {} stands for how much. times: what a number is multiplied by before it is shown. is_signed: whether a plus sign
    stands before what is above 0.
    """

    title: str
    unit: str
    more: str
    less: str
    times: float = 1.0
    is_signed: bool = False


SLIDERS: dict[str, Slider] = {
    "shift_right": Slider("Shift right", "px", "shifted right by {}", "shifted left by {}", is_signed=True),
    "shift_down": Slider("Shift down", "px", "shifted down by {}", "shifted up by {}", is_signed=True),
    "rotation": Slider("Rotate", "°", "turned clockwise by {}", "turned counterclockwise by {}", is_signed=True),
    "scale": Slider("Scale", "%", "enlarged to {}", "shrunk to {}", times=100),
    "slant": Slider("Slant", "°", "slanted right by {}", "slanted left by {}", is_signed=True),
    "thickness": Slider("Thickness", "px", "thickened by {}", "thinned by {}", is_signed=True),
    "noise": Slider("Noise", "%", "with noise of {}", "with noise of {}", times=100),
    "blur": Slider("Blur", "px", "blurred by {}", "blurred by {}"),
    "contrast": Slider("Contrast", "%", "with contrast raised to {}", "with contrast lowered to {}", times=100),
    "patch_size": Slider("Missing patch", "px", "with a missing patch of {}", "with a missing patch of {}"),
    "patch_right": Slider("Patch, right", "px", "with the patch at column {}", "with the patch at column {}"),
    "patch_down": Slider("Patch, down", "px", "with the patch at row {}", "with the patch at row {}"),
}
"""By the name of the amount, in the order of the page."""


def for_browser() -> list[dict[str, Any]]:
    """All sliders with their ranges, as plain values."""
    return [{"name": name, **asdict(slider), **asdict(RANGES[name])} for name, slider in SLIDERS.items()]
