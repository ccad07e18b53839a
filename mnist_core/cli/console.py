"""The terminal: tables, a progress bar, JSON, and silence from libraries that write to it themselves."""

import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from mnist_core import native_messages

LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
"""The environment variable by which TensorFlow is told what to log. 0, 1 or 2 makes the log lines visible."""

PIPE_WIDTH = 200
"""The widest table, in characters, where standard output is no terminal."""

LIBRARIES = r"(keras|tensorflow|ai_edge_litert|absl)\."
"""The modules whose warnings are for programmers, as a regular expression."""


def print_json(value: object) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(value, indent=1))


def print_note(text: str, *, quiet: bool) -> None:
    """Print a line on standard error that says what happens now, unless quiet. Standard output is for results."""
    if not quiet:
        print(text, file=sys.stderr)


def print_table(table: Table) -> None:
    """Print a table on standard output. In a pipe it is as wide as it needs to be."""
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def plain_table(*columns: str, title: str | None = None, gap: int = 2) -> Table:
    """A table without lines: the first column to the left, figures to the right. gap: characters between columns."""
    table = Table(title=title, box=None, padding=(0, gap, 0, 0), title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def progress_bar(*columns: ProgressColumn, disable: bool = False) -> Progress:
    """A progress bar on standard error, with further columns, the time spent and the time left.

    disable: show nothing.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=disable,
    )


@contextmanager
def without_native_messages() -> Iterator[None]:
    """Keep the log lines and warnings of TensorFlow, Keras and LiteRT off the terminal.

    Their C++ code writes to file descriptor 2, and LiteRT has no setting that stops it. Within the block, that
    descriptor leads nowhere, and Python's own standard error goes to the terminal by another one. The errors of these
    libraries are still raised as exceptions. Set TF_CPP_MIN_LOG_LEVEL to 0, 1 or 2 to see the log lines.
    """
    if os.environ.get(LOG_LEVEL) in ("0", "1", "2"):
        yield
        return
    before = sys.stderr
    if _descriptor(before) == 2:
        sys.stderr = open(  # noqa: SIM115 a log handler may hold on to it, so it is never closed
            os.dup(2), "w", buffering=1, encoding=before.encoding, errors=before.errors, closefd=False
        )
    try:
        with native_messages.without_native_messages(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=LIBRARIES)
            yield
    finally:
        sys.stderr.flush()
        sys.stderr = before


def _descriptor(stream: object) -> int | None:
    """The file descriptor of a stream, or None if it has none."""
    try:
        return int(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
