"""Refusing bad numbers and tables, with a message that names the value, the rule and the cure."""

import math

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray


def number(value: float, name: str) -> float:
    """A finite number; raises ValueError otherwise."""
    if not math.isfinite(value):
        raise ValueError(f"{name} is {value}: it must be a finite number")
    return float(value)


def positive(value: float, name: str) -> float:
    """A finite number above 0; raises ValueError otherwise."""
    if number(value, name) <= 0.0:
        raise ValueError(f"{name} {value} is not above 0: give a positive number")
    return float(value)


def not_negative(value: float, name: str) -> float:
    """A finite number of at least 0; raises ValueError otherwise."""
    if number(value, name) < 0.0:
        raise ValueError(f"{name} {value} is negative: give 0 or more")
    return float(value)


def probability(value: float, name: str) -> float:
    """A number in [0, 1]; raises ValueError otherwise."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} {value} is not between 0 and 1: write 0.6 for 60 %")
    return float(value)


def table(values: npt.ArrayLike, name: str) -> FloatArray:
    """(T, N) finite numbers, T and N at least 1; raises ValueError otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}: give rows (time) and columns (series), at least one of each")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"{name}[{row}, {column}] is {array[row, column]}: every value must be finite")
    return array
