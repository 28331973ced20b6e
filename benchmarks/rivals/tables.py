"""Shared arrays as rivals like them: pandas objects on a naive UTC index (a time zone slows vectorbt a hundredfold)."""

from pathlib import Path

import numpy as np
import pandas as pd


def array(folder: str, name: str) -> np.ndarray:
    """An array that the measuring side stored."""
    return np.load(Path(folder) / f"{name}.npy")


def index(folder: str) -> pd.DatetimeIndex:
    """Bar times without a time zone."""
    return pd.DatetimeIndex(array(folder, "at_ns").astype("datetime64[ns]"))


def series(folder: str, name: str) -> pd.Series:
    """A column of one instrument."""
    return pd.Series(array(folder, name), index=index(folder))


def frame(folder: str, name: str) -> pd.DataFrame:
    """Columns of several instruments, laid out column by column as pandas keeps them."""
    return pd.DataFrame(np.asfortranarray(array(folder, name)), index=index(folder))
