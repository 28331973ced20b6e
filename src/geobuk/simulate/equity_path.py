"""What is kept of an equity path whose bars are not: the end of each day, and the deepest fall so far."""

import numpy as np

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.quant.returns import SampledEquity, daily_ends, samples_per_year


class EquityPath:
    """Equity at the end of each day, and the deepest fall so far."""

    def __init__(self, capital: float) -> None:
        self.peak, self.deepest, self.capital = capital, 0.0, capital
        self.from_ns = -1
        self._closes: list[IntArray] = []
        self._values: list[FloatArray] = []

    def add(self, panel: Panel, equity: FloatArray) -> None:
        """Rows that follow; a day that was not over yet goes on."""
        if self.from_ns < 0:
            self.from_ns = int(panel.at_ns[0])
        self.peak, self.deepest = fall_so_far(equity, self.peak, self.deepest)
        ends = daily_ends(panel.at_ns, panel.interval_ns)
        closes = panel.at_ns + panel.interval_ns
        if self._closes and _is_same_day(self._closes[-1][-1], int(closes[0]), panel.interval_ns):
            self._closes[-1], self._values[-1] = self._closes[-1][:-1], self._values[-1][:-1]
        self._closes.append(closes[ends])
        self._values.append(equity[ends].copy())

    def sampled(self, panel: Panel) -> SampledEquity:
        """As :func:`geobuk.quant.returns.sampled_daily` gives it; it ends where the account is ruined."""
        at_ns = np.concatenate([[self.from_ns], *self._closes])
        values = np.concatenate([[self.capital], *self._values])
        ruined = np.flatnonzero(values <= 0.0)
        if ruined.size:
            at_ns, values = at_ns[: ruined[0] + 1], np.maximum(values[: ruined[0] + 1], 0.0)
        return SampledEquity(at_ns, values, samples_per_year(panel.interval_ns, panel.year))


def _is_same_day(close_ns: int, next_close_ns: int, interval_ns: int) -> bool:
    return len(daily_ends(np.array([close_ns, next_close_ns]) - interval_ns, interval_ns)) == 1


@kernel
def fall_so_far(equity: FloatArray, peak: float, deepest: float) -> tuple[float, float]:
    """Peak and maximum drawdown (a fraction in [-1, 0]) after these values, from what they were before."""
    for t in range(equity.shape[0]):
        value = max(equity[t], 0.0)
        peak = max(peak, value)
        deepest = min(deepest, value / peak - 1.0)
    return peak, deepest
