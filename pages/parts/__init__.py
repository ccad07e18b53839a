"""Pieces that several pages share: the canvas, the reading panel, cached loaders, the style sheet."""
