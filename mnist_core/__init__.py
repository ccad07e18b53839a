"""Digits, two networks that read them, and how they compare. Read the modules in this order:

errors, digits, strokes, pictures, datasets, architectures, recipes, training, metrics, runs, classifier, cli.
Nothing in this package imports Streamlit; only `training` (and `architectures`, when it builds) imports Keras.
"""

__version__ = "0.1.0"
