"""The layers of both models as one message of bytes, small enough for bad Wi-Fi.

The format, which layers/payload.js reads:

    a line      address of the script that draws, in UTF-8, and a line feed
    the rest    compressed with zlib:
      4 bytes     length of the header, unsigned, little endian
      header      JSON in UTF-8
      arrays      one after the other, one byte for each number

In the header, an array is {"offset", "shape", "largest", "signed"}. `offset` counts from the end of the header. A byte
b stands for b / 255 x largest, or, if signed, for b / 127 x largest with b in -127..127. So a number is exact to 1/510
(or 1/254) of the largest one of its layer, which is finer than the eye. Arrays of one layer share their `largest`, so
that their colours can be compared.
"""

import json
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_core.explanations.activations import Decision
from mnist_core.explanations.layer_views import Block, LayerView, Units
from mnist_core.explanations.receptive_fields import ReceptiveField
from pages.why.sides import Side


def payload(sides: Sequence[Side], views: Sequence[LayerView], *, script: str, nudge: int) -> bytes:
    """The message. script: address of the script that draws. nudge: pixels to the right, 0 for none."""
    body = _Body()
    header = {
        "nudge": nudge,
        "digits": [body.add(digit[None], largest=1.0) for digit in views[0].digits],
        "sides": [
            {
                "title": side.title,
                "run": side.run.name,
                "colour": side.colour,
                "blocks": [_block(body, block) for block in view.blocks],
                "units": [_units(body, units, view.decisions) for units in view.units],
                "decisions": [_decision(decision) for decision in view.decisions],
                "predictions": view.predictions,
                "alike": {
                    each.layer: {"same": each.same, "moved": each.moved, "cells": each.cells} for each in view.alike
                },
                "readsPlaces": view.reads_places,
            }
            for side, view in zip(sides, views, strict=True)
        ],
    }
    told = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return script.encode() + b"\n" + zlib.compress(struct.pack("<I", len(told)) + told + bytes(body.content), 6)


class _Body:
    """The arrays so far."""

    def __init__(self) -> None:
        self.content = bytearray()

    def add(self, numbers: NDArray[np.float32], *, largest: float, signed: bool = False) -> dict[str, object]:
        """Append an array; what the header says of it."""
        steps = 127 if signed else 255
        shares = np.clip(numbers / (largest or 1.0), -1 if signed else 0, 1)
        offset = len(self.content)
        self.content += np.rint(shares * steps).astype("i1" if signed else "u1").tobytes()
        return {"offset": offset, "shape": numbers.shape, "largest": largest, "signed": signed}


def _block(body: _Body, block: Block) -> dict[str, object]:
    largest = max(float(each.max()) for each in block.maps)

    def by_channel(maps: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.ascontiguousarray(maps.transpose(2, 0, 1)[block.channels])

    filters = None
    if block.filters is not None:
        strongest = float(np.abs(block.filters).max())
        filters = body.add(by_channel(block.filters), largest=strongest, signed=True)
    return {
        "name": block.name,
        "channels": block.channels,
        "maps": [body.add(by_channel(maps), largest=largest) for maps in block.maps],
        "filters": filters,
        "field": _field(block.field),
        "pooled": block.pooled,
        "pooledName": block.pooled_name,
        "pooledField": None if block.pooled_field is None else _field(block.pooled_field),
        "window": block.window,
    }


def _units(body: _Body, units: Units, decisions: Sequence[Decision]) -> dict[str, object]:
    listed = sorted({unit for shown in units.shown for unit in shown})
    pictures: list[dict[str, object]] = []
    if units.weights:
        weights = np.stack([units.weights[unit] for unit in listed])
        pictures = [body.add(weights, largest=float(np.abs(weights).max()), signed=True)]
    elif units.places:
        places = [np.stack([each[unit] for unit in listed]) for each in units.places]
        largest = max(float(np.abs(each).max()) for each in places)
        pictures = [body.add(each, largest=largest, signed=True) for each in places]
    decide = all(len(decision.contributions) == len(units.activations[0]) for decision in decisions)
    return {
        "name": units.name,
        "count": len(units.activations[0]),
        "shown": units.shown,
        "listed": listed,
        "activations": [[_rounded(each[unit]) for unit in listed] for each in units.activations],
        "contributions": [[_rounded(each.contributions[unit]) for unit in listed] for each in decisions]
        if decide
        else [],
        "kind": "weights" if units.weights else "places" if units.places else "none",
        "pictures": pictures,
        "field": None if units.field is None else _field(units.field),
    }


def _decision(decision: Decision) -> dict[str, object]:
    return {
        "answer": decision.answer,
        "other": decision.runner_up,
        "bias": _rounded(decision.bias),
        "difference": _rounded(decision.difference),
        "sum": _rounded(decision.contributions.sum()),
        "count": len(decision.contributions),
        "probabilities": [_rounded(each, 6) for each in decision.probabilities],
    }


def _field(field: ReceptiveField) -> dict[str, int]:
    return {"size": field.size, "stride": field.stride, "start": field.start}


def _rounded(number: float | np.floating, digits: int = 4) -> float:
    return round(float(number), digits)
