"""The two models whose answers the page *Why* explains."""

from dataclasses import dataclass

from mnist_core.models.network import Network
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.run import Run
from pages.parts.cached_runs import network, run_styles_of


@dataclass(frozen=True)
class Side:
    """One of the two models.

    title: what the page calls it, such as "MLP". colour: of its family, as a CSS colour; two of one family have two
    colours of it. network: its layers, first to last.
    """

    run: Run
    title: str
    colour: str
    network: Network


def sides_of_runs(left: Run, right: Run) -> tuple[Side, Side]:
    """The sides that show these runs. Two of one architecture have the runs' names as titles. Raises RunError."""
    titles = [ARCHITECTURES[run.architecture].title for run in (left, right)]
    if titles[0] == titles[1]:
        titles = [left.name, right.name]
    styles = run_styles_of([left, right])
    first, second = (
        Side(run, title, styles[run.name].colour, network(run))
        for run, title in zip((left, right), titles, strict=True)
    )
    return first, second
