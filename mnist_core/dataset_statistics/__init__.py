"""Figures of MNIST as a whole: averages, features, neighbours and labels that are probably incorrect."""
