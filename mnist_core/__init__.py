"""Digits, two networks that read them, and how they compare. Read the modules in this order:

errors, digits, strokes, pictures, datasets, architectures, recipes, augmentation, styles, handwriting, lessons, training, metrics, runs,
classifier, calibration, doubt, comparison, predictions, costs, measurements, standings, significance, learning, looks, labels, charts, figures,
markup, report, cli.
Nothing in this package imports Streamlit; only `training` (and `architectures`, when it builds) imports Keras.
"""

__version__ = "0.1.0"
