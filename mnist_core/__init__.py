"""Digits, two networks that classify them, and how the two compare."""

__version__ = "0.1.0"
