"""`digit-duel download` and `digit-duel statistics`: bring MNIST to this machine, and compute figures of it."""

from argparse import ArgumentParser, Namespace

from mnist_core.cli.console import print_json, print_note
from mnist_core.cli.digit_sources import download_mnist, load_digits
from mnist_core.cli.examples import describe
from mnist_core.data import datasets
from mnist_core.formatting import size


def add_download_arguments(parser: ArgumentParser) -> None:
    """The options of `download`."""
    describe(
        parser,
        "Download MNIST (11 MB), once, and check it. It is kept where Keras keeps it, or in the file that the "
        "environment variable MNIST_NPZ names.",
        examples={"download": "does nothing but check if MNIST is there already"},
    )


def add_statistics_arguments(parser: ArgumentParser) -> None:
    """The options of `statistics`."""
    describe(
        parser,
        "Compute the figures of MNIST that the data set page shows, and store them in the package. This takes some "
        "minutes and is needed only after a change to how they are computed.",
        examples={"statistics": "computes and stores them"},
    )


def download_command(options: Namespace) -> None:
    """Download MNIST if it is not here yet, and check it. Raises DatasetError."""
    if datasets.has_mnist():
        datasets.load_mnist()
    else:
        download_mnist(quiet=options.json)
    path = datasets.mnist_path()
    if options.json:
        print_json({"path": str(path), "digest": datasets.MNIST_DIGEST})
    else:
        print(f"MNIST is at {path}, complete and checked.")


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
