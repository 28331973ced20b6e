"""What the detector said of each bar, as one frozen value that can explain itself."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.times import NS_PER_DAY, at_text
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, FloatArray, IntArray, RecordArray
from geobuk.regime.refit import Refit
from geobuk.regime.statistics import RegimeStatistics, directions_of, regime_statistics
from geobuk.regime.words import REGIME_WORDS


@dataclass(frozen=True, eq=False, slots=True)
class RegimePath:
    """The market's regime at the close of each of T bars; row t uses bars up to t.

    Attributes
    ----------
    at_ns : (T,) opening times. interval_ns : length of a bar; ``every_ns`` of an interval of the detector.
    codes : (T,) Regime, plus HIGH_VOLATILITY.
    probabilities : (T, 3) filtered, of BULL, BEAR, SIDEWAYS; NaN while UNKNOWN.
    volatility : (T,) forecast volatility over its usual level; NaN while not known.
    ages : (T,) bars since the direction began; its first bar is 0.
    refits : every fit that was tried, oldest first.
    """

    at_ns: IntArray
    interval_ns: int
    every_ns: int
    codes: IntArray
    probabilities: FloatArray
    volatility: FloatArray
    ages: IntArray
    refits: tuple[Refit, ...]

    @property
    def directions(self) -> IntArray:
        """(T,) Regime without the flag of high volatility."""
        return directions_of(self.codes)

    @property
    def is_high_volatility(self) -> BoolArray:
        """(T,) whether volatility is far above its usual level."""
        return np.asarray(self.codes >= HIGH_VOLATILITY)

    @property
    def probability(self) -> FloatArray:
        """(T,) of the direction that is held; where it is NEUTRAL the highest there is; NaN while UNKNOWN."""
        best = self.probabilities.max(axis=1)
        held = self.directions
        is_named = (held >= Regime.BULL) & (held <= Regime.SIDEWAYS)
        column = np.where(is_named, held - Regime.BULL, 0)
        return np.where(is_named, self.probabilities[np.arange(len(held)), column], best)

    @property
    def most_probable(self) -> IntArray:
        """(T,) the direction of the highest probability, bar by bar: what there would be if nothing were held."""
        known = ~np.isnan(self.probabilities[:, 0])
        likely = np.where(known[:, None], self.probabilities, 0.0).argmax(axis=1) + int(Regime.BULL)
        return np.where(known, likely, int(Regime.UNKNOWN))

    @property
    def ages_days(self) -> FloatArray:
        """(T,) days since the direction began, by the clock (nights and weekends count)."""
        began = np.maximum(np.arange(len(self.ages)) - self.ages, 0)
        return np.asarray((self.at_ns - self.at_ns[began]) / NS_PER_DAY)

    @property
    def switches(self) -> IntArray:
        """(S,) rows at which one direction became another; the way out of UNKNOWN and into it not counted."""
        held = self.directions
        changed = (np.diff(held) != 0) & (held[1:] != Regime.UNKNOWN) & (held[:-1] != Regime.UNKNOWN)
        return np.flatnonzero(changed) + 1

    def statistics(self, year: TradingYear = ALWAYS_OPEN) -> RegimeStatistics:
        """How often it switched, how its time was shared, how long visits lasted."""
        return regime_statistics(self.codes, self.interval_ns, year)

    def describe(self, row: int = -1, language: Literal["en", "ko"] = "en") -> str:
        """One sentence about one bar; the last unless told otherwise."""
        row = range(len(self.at_ns))[row]
        at = at_text(int(self.at_ns[row]) + self.interval_ns)
        held = Regime(int(self.directions[row]))
        times, days = float(self.volatility[row]), float(self.ages_days[row])
        chance, is_high = float(self.probability[row]), bool(self.is_high_volatility[row])
        if language == "ko":
            loud = " (높음)" if is_high else ""
            how = "" if np.isnan(times) else f", 변동성은 평소의 {times:.2f}배{loud}"
            sure = "" if np.isnan(chance) else f", 확률 {chance:.0%}"
            return f"{at} UTC: {REGIME_WORDS[held][1]}{sure}, {days:.1f}일째{how}."
        loud = " (high)" if is_high else ""
        how = "" if np.isnan(times) else f", volatility {times:.2f} times the usual{loud}"
        sure = "" if np.isnan(chance) else f", probability {chance:.0%}"
        return f"{at} UTC: {held.name}{sure}, for {days:.1f} days{how}."


def path_of(
    readings: RecordArray, at_ns: IntArray, intervals: tuple[int, int], refits: tuple[Refit, ...]
) -> RegimePath:
    """Arrays of (T,) readings; ``intervals`` are the bar's and the detector's length."""
    return RegimePath(
        at_ns=at_ns,
        interval_ns=intervals[0],
        every_ns=intervals[1],
        codes=readings["code"].copy(),
        probabilities=np.stack([readings["bull"], readings["bear"], readings["sideways"]], axis=1),
        volatility=readings["volatility"].copy(),
        ages=readings["age"].copy(),
        refits=refits,
    )
