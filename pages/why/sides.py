"""The two models whose answers the page *Why* explains."""

from dataclasses import dataclass, replace

from mnist_core.models.network import Network
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.run import Run
from pages.parts.cached_runs import architecture_style, network, run_styles_of


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


def side_of_run(run: Run) -> Side:
    """The side that shows this run. Raises RunError."""
    return Side(run, ARCHITECTURES[run.architecture].title, architecture_style(run.architecture).colour, network(run))


def sides_of_runs(left: Run, right: Run) -> tuple[Side, Side]:
    """The sides that show these runs. Two of one architecture have the runs' names as titles, and two colours. Raises
    RunError.
    """
    first, second = side_of_run(left), side_of_run(right)
    if first.title != second.title:
        return first, second
    styles = run_styles_of([left, right])
    return (
        replace(first, title=left.name, colour=styles[left.name].colour),
        replace(second, title=right.name, colour=styles[right.name].colour),
    )
