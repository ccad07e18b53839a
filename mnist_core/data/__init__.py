"""Digits from any source, as (28, 28) float32 in 0..1, and the data sets: found, fetched and checked."""
