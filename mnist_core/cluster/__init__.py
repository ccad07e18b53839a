"""Trainings on a Ray cluster. This is the only package that imports Ray, and it runs in a process of its own.

`mnist_core.jobs.cluster_launcher` starts that process: `python -m mnist_core.cluster`. `cluster_service` is what it
does. `remote_training` is what a worker of the cluster does, and `mailbox` is how the worker's events come back.
`ending_rule` ends trainings of a sweep early that are worse than others.
"""
