"""Keras and TensorFlow, imported without their messages on the terminal.

The other modules of this package import them from here.
"""

from mnist_core.native_messages import without_native_messages

with without_native_messages():
    import keras
    import tensorflow as tf

__all__ = ["keras", "tf"]
