"""Sweeps: many trainings as one question. A plan, the sweep on disk, its results, and the loop that works through it.

Nothing here imports `mnist_core.training`. Trainings are started through `mnist_core.jobs.launcher`.
"""
