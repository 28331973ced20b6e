"""Another future for the same past: what a strategy without sight of it can't notice."""

from dataclasses import replace
from typing import Any

import numpy as np

from geobuk.panel import FLOAT_FIELDS, FloatArray, Panel

_RATES = ("funding", "funding_inside")


def scramble_future(panel: Panel, cut: int, generator: np.random.Generator) -> Panel:
    """The panel with every bar after ``cut`` replaced: bars 0 to ``cut`` stay as they are, bit for bit.

    Later bars are shuffled, their prices moved to another level on another path, their volumes and funding rates drawn
    anew, and one in ten is masked and empty. Times, names and the order of high and low stay valid.
    """
    rows, instruments = len(panel.at_ns) - cut - 1, len(panel.instruments)
    shape = (rows, instruments)
    order = generator.permutation(rows) + cut + 1
    level = np.exp(generator.normal(0.0, 1.0, (1, instruments)))
    path = level * np.exp(np.cumsum(generator.normal(0.0, 0.02, shape), axis=0))
    is_hidden = generator.random(shape) < 0.1
    later: dict[str, FloatArray] = {}
    for name in FLOAT_FIELDS:
        values: FloatArray = getattr(panel, name)[order]
        if name in _RATES:
            values = np.where(np.isnan(values), np.nan, generator.normal(0.0, 0.001, shape))
        else:
            values = values * (np.exp(generator.normal(0.0, 1.0, shape)) if name == "volume" else path)
        later[name] = np.where(is_hidden, np.nan, values)
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(panel, name)[: cut + 1], values]) for name, values in later.items()
    }
    tradable = np.concatenate([panel.tradable[: cut + 1], panel.tradable[order] & ~is_hidden])
    return replace(panel, **arrays, tradable=tradable, findings=(), source_hash="")
