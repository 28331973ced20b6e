"""25 instruments over 90 days of 1-minute bars, one shared account, a decision every hour, every rule on, one core."""

from bench import Bench
from markets import perpetuals, random_walk, trend_forecast
from measuring import Figure

from cases.portfolio import measure

MINUTES = 90 * 24 * 60


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second on synthetic bars; the belief is of 20 hours against 80 hours."""
    panel = random_walk(MINUTES, 25, "1m")
    forecast = trend_forecast(panel.close, 20 * 60, 80 * 60)
    return [measure(bench, "portfolio_hourly_decisions", panel, perpetuals(panel), forecast, "1h")]
