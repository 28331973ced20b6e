"""Histories as freqtrade and vectorbt handle them: freqtrade's own data handlers, and vectorbt's Data from pandas.

Runs in .venv-freqtrade. Files are made from the shared arrays by `store`, which is not timed.
"""

import logging
import shutil
from pathlib import Path
from time import perf_counter

import pandas as pd
from tables import array, index

PRICES = ("open", "high", "low", "close", "volume")
TIMEFRAME = "1m"

_frames: dict[str, dict[str, pd.DataFrame]] = {}


def store(folder: str) -> dict:
    """Write each instrument as freqtrade's Parquet and Feather files, and as a plain Parquet file for vectorbt."""
    from freqtrade.data.history import get_datahandler
    from freqtrade.enums import CandleType

    plain = _fresh(folder, "plain")
    handlers = [get_datahandler(_fresh(folder, name), name) for name in ("parquet", "feather")]
    for pair, frame in _pairs(folder).items():
        for handler in handlers:
            handler.ohlcv_store(pair, TIMEFRAME, frame, CandleType.SPOT)
        frame.to_parquet(plain / f"{pair.replace('/', '')}.parquet")
    return {"pairs": len(_pairs(folder))}


def freqtrade_convert(folder: str) -> dict:
    """Parquet to Feather, as its `convert-data` does it: load, clean, store."""
    from freqtrade.data.history import get_datahandler
    from freqtrade.enums import CandleType

    logging.disable(logging.CRITICAL)
    source = get_datahandler(Path(folder) / "parquet", "parquet")
    target = get_datahandler(_fresh(folder, "converted"), "feather")
    rows, start = 0, perf_counter()
    for pair, timeframe, kind in source.ohlcv_get_available_data(Path(folder) / "parquet", "spot"):
        data = source.ohlcv_load(pair, timeframe, kind, fill_missing=False, drop_incomplete=False)
        target.ohlcv_store(pair, timeframe, data, kind or CandleType.SPOT)
        rows += len(data)
    return {"seconds": perf_counter() - start, "rows": rows}


def freqtrade_clean(folder: str) -> dict:
    """Its `clean_ohlcv_dataframe`, filling holes, over frames in memory."""
    from freqtrade.data.converter import clean_ohlcv_dataframe

    pairs = _pairs(folder)
    start = perf_counter()
    for pair, frame in pairs.items():
        clean_ohlcv_dataframe(frame, TIMEFRAME, pair, fill_missing=True, drop_incomplete=False)
    return {"seconds": perf_counter() - start, "rows": sum(map(len, pairs.values()))}


def freqtrade_load(folder: str) -> dict:
    """Its Feather files as cleaned data frames, one a pair, as a backtest gets them."""
    from freqtrade.data.history import load_data

    pairs = list(_pairs(folder))
    start = perf_counter()
    loaded = load_data(Path(folder) / "feather", TIMEFRAME, pairs, data_format="feather")
    return {"seconds": perf_counter() - start, "rows": sum(map(len, loaded.values()))}


def vectorbt_load(folder: str) -> dict:
    """A Parquet file an instrument into `vbt.Data`, aligned, then one wide frame a column."""
    start = perf_counter()
    frames = {path.stem: pd.read_parquet(path).set_index("date") for path in sorted((Path(folder) / "plain").iterdir())}
    return {**_aligned(frames), "seconds": perf_counter() - start}


def vectorbt_load_csv(path: str) -> dict:
    """One long CSV file into `vbt.Data`, aligned, then one wide frame a column."""
    start = perf_counter()
    table = pd.read_csv(path)
    table["date"] = pd.to_datetime(table.pop("ts"), unit="ms")
    frames = {name: frame.drop(columns="symbol").set_index("date") for name, frame in table.groupby("symbol")}
    return {**_aligned(frames), "seconds": perf_counter() - start}


def _aligned(frames: dict[str, pd.DataFrame]) -> dict:
    import vectorbt as vbt

    data = vbt.Data.from_data(frames, missing_index="nan", download_kwargs={})
    wide = [data.get(column) for column in PRICES]
    return {"rows": wide[3].size}


def _pairs(folder: str) -> dict[str, pd.DataFrame]:
    """Frames in freqtrade's form, made from the arrays once."""
    if folder not in _frames:
        times, columns = index(folder), {name: array(folder, name) for name in PRICES}
        count = columns["close"].shape[1]
        _frames.clear()
        _frames[folder] = {
            f"SYN{n + 1}/USDT": pd.DataFrame(
                {"date": times.tz_localize("UTC"), **{name: values[:, n].copy() for name, values in columns.items()}}
            )
            for n in range(count)
        }
    return _frames[folder]


def _fresh(folder: str, name: str) -> Path:
    path = Path(folder) / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
