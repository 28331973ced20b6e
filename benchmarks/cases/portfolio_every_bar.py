"""20 instruments over 2.5 years of hourly bars, one shared account, a decision on every bar, every rule on, one core."""

from bench import Bench
from cases.portfolio import measure
from markets import random_walk, trend_forecast
from measuring import Figure

HOURS = 21_864  # 2023-01-01 to 2025-06-30


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second on synthetic bars of the real file's shape."""
    panel = random_walk(HOURS, 20, "1h")
    return [measure(bench, "portfolio_every_bar", panel, trend_forecast(panel.close))]
