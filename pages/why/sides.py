"""The two models whose answers the page *Why* explains."""

from dataclasses import dataclass

from mnist_core.models.network import Network
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.run import Run
from pages.parts.cached_runs import architecture_style, network


@dataclass(frozen=True)
class Side:
    """One of the two models.

    title: what the page calls it, such as "MLP". colour: of its family, as a CSS colour. network: its layers, first to
    last.
    """

    run: Run
    title: str
    colour: str
    network: Network


def side_of_run(run: Run) -> Side:
    """The side that shows this run. Raises RunError."""
    return Side(run, ARCHITECTURES[run.architecture].title, architecture_style(run.architecture).colour, network(run))
