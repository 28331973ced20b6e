"""Make tests/golden/vectorbt_*.json: accounts kept by vectorbt, which Geobuk's simulation must match.

Run it in the rivals' environment: ``.venv-rivals/bin/python benchmarks/golden/vectorbt_values.py``. Prices are a seeded
random walk (synthetic), rounded so that JSON holds them exactly. A decision of row t - 1 is given to vectorbt in row t,
filled at that row's open, and valued at the close of row t - 1: ``targetpercent`` with that ``val_price`` is a share of
the equity at the decision, turned into a quantity at the decision's price.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

OUT = Path(__file__).resolve().parent.parent.parent / "tests" / "golden"
CAPITAL = 10_000.0


def market(bars: int, instruments: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Open and close of random walks with 1 % moves and small gaps."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(0.01 * rng.standard_normal((bars, instruments)), axis=0))
    open_ = np.vstack([np.full((1, instruments), 100.0), close[:-1]]) * (
        1.0 + 0.002 * rng.standard_normal((bars, instruments))
    )
    index = pd.date_range("2023-01-01", periods=bars, freq="1h")
    return pd.DataFrame(open_, index).round(4), pd.DataFrame(close, index).round(4)


def account(open_: pd.DataFrame, close: pd.DataFrame, shares: np.ndarray, **costs: float) -> vbt.Portfolio:
    """One shared account; ``shares`` (T, N) of equity as decided at each close, NaN to leave a position as it is."""
    return vbt.Portfolio.from_orders(
        close,
        size=np.vstack([np.full((1, shares.shape[1]), np.nan), shares[:-1]]),
        size_type="targetpercent",
        price=open_,
        val_price=close.shift(1).bfill(),
        init_cash=CAPITAL,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="1h",
        **costs,
    )


def crossover(name: str, *, below: float, seed: int) -> dict[str, Any]:
    """SMA 5 against 20 of one instrument: forecast 1 above, ``below`` below, 0.9 of equity, fees only."""
    open_, close = market(600, 1, seed)
    fast, slow = close[0].rolling(5).mean(), close[0].rolling(20).mean()
    forecast = np.where(slow.isna(), np.nan, np.where(fast > slow, 1.0, below))
    changed = np.r_[True, forecast[1:] != forecast[:-1]] & ~np.isnan(forecast)
    shares = np.where(changed, 0.9 * forecast, np.nan)[:, None]
    fee = 0.0004
    portfolio = account(open_, close, shares, fees=fee)
    return case(name, open_, close, forecast[:, None], portfolio, fee=fee, half_spread=0.0, share=0.9, hold=True)


def rebalanced(name: str, *, seed: int) -> dict[str, Any]:
    """Four instruments, long and short, resized on every bar, with fees and half a spread."""
    open_, close = market(400, 4, seed)
    trend = close.to_numpy() / close.rolling(24).mean().to_numpy() - 1.0
    forecast = np.round(np.clip(20.0 * trend, -1.0, 1.0), 3)
    fee, half_spread = 0.0005, 0.0002
    shares = np.where(np.isnan(forecast), np.nan, 0.8 * forecast / 4)
    portfolio = account(open_, close, shares, fees=fee, slippage=half_spread)
    return case(name, open_, close, forecast, portfolio, fee=fee, half_spread=half_spread, share=0.8, hold=False)


def case(
    name: str,
    open_: pd.DataFrame,
    close: pd.DataFrame,
    forecast: np.ndarray,
    portfolio: vbt.Portfolio,
    **rules: float,
) -> dict[str, Any]:
    """Everything that the test needs; a NaN forecast becomes null."""
    orders = portfolio.orders.records
    return {
        "name": name,
        "made_by": f"vectorbt {vbt.__version__}",
        "is_synthetic": True,
        "capital": CAPITAL,
        **rules,
        "at_ns": [int(at) for at in open_.index.astype("datetime64[ns]").astype("int64")],
        "open": open_.to_numpy().tolist(),
        "close": close.to_numpy().tolist(),
        "forecast": [[None if np.isnan(value) else value for value in row] for row in forecast],
        "orders": len(orders),
        "fees": float(orders["fees"].sum()),
        "equity": portfolio.value().to_numpy().tolist(),
    }


def main() -> None:
    """Write one file per case."""
    cases = (
        crossover("crossover_long_short", below=-1.0, seed=3),
        crossover("crossover_long_flat", below=0.0, seed=4),
        rebalanced("rebalanced_portfolio", seed=5),
    )
    for values in cases:
        path = OUT / f"vectorbt_{values['name']}.json"
        path.write_text(json.dumps(values) + "\n", encoding="utf-8")
        print(f"{path.name}: {values['orders']} orders, final equity {values['equity'][-1]:.6f}")


if __name__ == "__main__":
    main()
