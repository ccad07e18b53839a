"""Changes of a finished 28 x 28 digit: the nudges of the page *Why*, and the corruptions that measure robustness."""
