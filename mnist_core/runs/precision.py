"""The arithmetic of a training, and which one is fastest on this machine.

>>> fast_precision("fpu avx2 avx512_bf16"), fast_precision("fpu avx2")
('mixed_bfloat16', 'float32')
"""

from pathlib import Path

FASTEST = "fastest"
PRECISIONS = ("float32", "mixed_bfloat16", FASTEST)


def fast_precision(cpu_flags: str | None = None) -> str:
    """'mixed_bfloat16' where this machine's processor has bfloat16 arithmetic, else 'float32'. A CNN gains from it, an
    MLP does not.

    cpu_flags: in the form of /proc/cpuinfo, which is read if they are not given. Without that file, on macOS and
    Windows, it is 'float32'.
    """
    if cpu_flags is None:
        try:
            cpu_flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            cpu_flags = ""
    return "mixed_bfloat16" if {"avx512_bf16", "amx_bf16"} & set(cpu_flags.split()) else "float32"
