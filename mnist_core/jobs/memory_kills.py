"""Whether the system ended a process because memory ran out."""

from pathlib import Path

KERNEL_COUNTERS = Path("/proc/vmstat")


def memory_kills() -> int | None:
    """How many processes the Linux kernel has ended for lack of memory since it started.

    It is None where the system has no such counter.

    It counts all processes of the machine. Programs such as systemd-oomd, which end processes before memory runs out,
    are not counted.
    """
    try:
        counters = dict(line.split(maxsplit=1) for line in KERNEL_COUNTERS.read_text(encoding="ascii").splitlines())
        return int(counters["oom_kill"])
    except (OSError, ValueError, KeyError):
        return None
