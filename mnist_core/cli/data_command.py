"""`digit-duel download` and `digit-duel statistics`: bring digits to this machine, and compute figures of MNIST."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from mnist_core.cli.console import print_json, print_note
from mnist_core.cli.digit_sources import download_bar, download_mnist, load_digits
from mnist_core.cli.examples import describe
from mnist_core.data import datasets, pen_sources
from mnist_core.formatting import size

PENS_CREDIT = "E. Alpaydin, F. Alimoglu, UCI Machine Learning Repository, 1998, CC BY 4.0"


def add_download_arguments(parser: ArgumentParser) -> None:
    """The options of `download`."""
    describe(
        parser,
        "Download MNIST (11 MB), once, and check it. It is kept where Keras keeps it, or in the file that the "
        "environment variable MNIST_NPZ names.",
        f"With --pens, also the strokes of 7,494 digits by 30 writers ({PENS_CREDIT}), from which the robust recipe "
        "learns more hands. They are kept beside MNIST, or in the file that UCI_PENS_NPZ names.",
        examples={
            "download": "does nothing but check if MNIST is there already",
            "download --pens": "the strokes of real pens as well",
        },
    )
    parser.add_argument("--pens", action="store_true", help="also download the strokes of real pens (3 MB)")


def add_statistics_arguments(parser: ArgumentParser) -> None:
    """The options of `statistics`."""
    describe(
        parser,
        "Compute the figures of MNIST that the data set page shows, and store them in the package. This takes some "
        "minutes and is needed only after a change to how they are computed.",
        examples={"statistics": "computes and stores them"},
    )


def download_command(options: Namespace) -> None:
    """Download MNIST, and on request the pen strokes, if they are not here yet, and check them. Raises DatasetError."""
    if datasets.has_mnist():
        datasets.load_mnist()
    else:
        download_mnist(quiet=options.json)
    path = datasets.mnist_path()
    if not options.json:
        print(f"MNIST is at {path}, complete and checked.")
    pens_path = _fetch_pens(quiet=options.json) if options.pens else None
    if options.json:
        pens = {"path": str(pens_path), "digest": pen_sources.UCI_DIGEST} if pens_path else None
        print_json({"path": str(path), "digest": datasets.MNIST_DIGEST, "pens": pens})
    elif pens_path:
        print(f"The pen strokes are at {pens_path}, complete and checked.")


def _fetch_pens(*, quiet: bool) -> Path:
    """Download the pen strokes if they are not here yet, and check them. Raises DatasetError."""
    if pen_sources.has_uci_pens():
        pen_sources.load_pens_by_name(pen_sources.UCI_PENS)
    elif quiet:
        pen_sources.download_uci_pens()
    else:
        with download_bar("Downloading pen strokes") as progress:
            pen_sources.download_uci_pens(progress)
    return pen_sources.uci_pens_path()


def statistics_command(options: Namespace) -> None:
    """Compute the statistics of MNIST and store them. Raises DatasetError."""
    from mnist_core.dataset_statistics import statistics  # SciPy's parts take a second to import

    digit_set = load_digits(datasets.MNIST, quiet=options.json)
    print_note("Measuring 70,000 digits; this takes some minutes …", quiet=options.json)
    statistics.save_statistics(statistics.compute_statistics(digit_set), statistics.PATH)
    written = statistics.PATH.stat().st_size
    if options.json:
        print_json({"path": str(statistics.PATH), "bytes": written})
    else:
        print(f"Written to {statistics.PATH}, {size(written)}.")
