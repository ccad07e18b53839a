"""Where runs are on this machine."""

import os
from pathlib import Path


def runs_folder() -> Path:
    """trained_models/ beside the code, or where the environment variable TRAINED_MODELS says."""
    named = os.environ.get("TRAINED_MODELS")
    return Path(os.path.expanduser(named)) if named else Path(__file__).resolve().parents[2] / "trained_models"
