"""From a config to an evaluated run on disk. This is the only package that imports TensorFlow."""

import os

# TensorFlow reads this once, when it is imported: 3 leaves out all that is no fatal error.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
