"""The architectures in one registry, and prediction with LiteRT."""
