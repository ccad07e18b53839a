"""One file for each architecture. Each defines a constant ARCHITECTURE; `mnist_core.models.registry` finds it here."""
