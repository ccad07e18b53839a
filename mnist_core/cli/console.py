"""Parts that several commands use: MNIST wherever it is, and a bar on the terminal."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from mnist_core.data import datasets


def mnist(quiet: bool) -> datasets.DigitSet:
    """MNIST, fetched first where it is not here. quiet: without a bar. Raises DatasetError."""
    if not datasets.has_mnist() and not datasets.mnist_is_named():
        download(quiet)
    return datasets.load_mnist()


def download(quiet: bool) -> None:
    """Fetch MNIST, with a bar unless quiet. Raises DatasetError."""
    if quiet:
        datasets.download_mnist()
        return
    with progress_bar(DownloadColumn()) as progress:
        task = progress.add_task("Downloading MNIST", total=None)
        datasets.download_mnist(lambda received, total: progress.update(task, completed=received, total=total or None))


def progress_bar(*columns: TextColumn | DownloadColumn) -> Progress:
    """A bar on stderr, with time spent and time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
