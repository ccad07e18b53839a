"""Trainings in processes of their own: started, followed, stopped, and queued.

Nothing here imports `mnist_core.training`.
"""
