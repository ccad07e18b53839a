"""Starts processes that do to the runs of a folder what a server and its trainings do, without end.

    python -m tests.abuse.run_worker FOLDER

For each line of its input, SEED MOST_BYTES, it starts one and prints its number; test_injected_faults.py kills that. A
file cannot grow beyond MOST_BYTES, as on a full disk; 0 is no limit. The processes never touch the runs called keep-*.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np

from mnist_core.errors import DigitDuelError
from mnist_core.runs import store
from mnist_core.runs.file_format import FILES
from mnist_core.runs.writing import sweep, writing

PIECE = 65536


def main() -> None:
    """Start what is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended processes leave the system's list by themselves
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        seed, most_bytes = map(int, line.split())
        number = os.fork()
        if number == 0:
            work(folder, seed, most_bytes)
        print(number, flush=True)


def work(folder: Path, seed: int, most_bytes: int) -> None:
    """Write, replace, rename, delete and sweep, until the process is killed."""
    random = np.random.default_rng(seed)
    sources = sorted(path for path in folder.iterdir() if path.name.startswith("keep-"))
    if most_bytes:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    while True:
        source = sources[int(random.integers(len(sources)))]
        name = f"own-{random.integers(3)}"
        try:
            match int(random.integers(6)):
                case 0 | 1 | 2:
                    with writing(name, folder, replace=True) as partial:
                        for file in FILES:
                            _write(source / file, partial / file)
                case 3:
                    store.rename(name, f"own-{random.integers(3)}", folder)
                case 4:
                    store.delete(name, folder)
                case 5:
                    sweep(folder)
        except (DigitDuelError, OSError):
            pass


def _write(source: Path, target: Path) -> None:
    """Copy a file in pieces, so that there is time to be killed in between."""
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(PIECE):
            write.write(piece)
            write.flush()
            os.fsync(write.fileno())


if __name__ == "__main__":
    main()
