"""Trained runs on disk: their files, settings, predictions and summaries, and which of them are in use."""
