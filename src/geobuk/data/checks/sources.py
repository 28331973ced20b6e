"""Disagreement between two sources: the same instrument in another file, at another interval, at a sister venue."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geobuk.data.checks.context import Reference
from geobuk.data.checks.folding import Folded, fold, shared
from geobuk.data.checks.look import Look, Noticed
from geobuk.data.rows import Rows
from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray

_PRICES = ("open", "high", "low", "close")
_SAME_RATIO = 2e-3


@dataclass(frozen=True)
class Comparison:
    """Buckets that the series and a reference share, whole on both sides unless ``parts`` says otherwise.

    ``rows`` are the trusted rows of the series, to which ``ours.first`` and ``ours.last`` count. ``is_adjusted`` marks
    buckets in a ratio that is constant over long stretches; ``ratio`` is the middle one.
    """

    label: str
    rows: IntArray
    ours: Folded
    theirs: Folded
    parts: tuple[Folded, Folded]
    is_adjusted: BoolArray
    ratio: float

    @property
    def ratios(self) -> FloatArray:
        """Our closes over theirs."""
        found: FloatArray = self.ours.values["close"] / self.theirs.values["close"]
        return found

    def differs(self, name: str, tolerance: float) -> BoolArray:
        """Buckets in which a value differs by more than a tolerance."""
        ours, theirs = self.ours.values[name], self.theirs.values[name]
        found: BoolArray = np.abs(ours - theirs) > tolerance * np.maximum(np.abs(ours), np.abs(theirs))
        return found

    def prices_differ(self, tolerance: float) -> BoolArray:
        """Buckets in which some price differs, other than by the constant ratio."""
        found: BoolArray = np.logical_or.reduce([self.differs(name, tolerance) for name in _PRICES])
        return found & ~self.is_adjusted

    def rows_of(self, buckets: BoolArray) -> IntArray:
        """Rows of the series in some of the buckets."""
        first, last = self.ours.first[buckets], self.ours.last[buckets]
        if len(first) == 0:
            return np.empty(0, dtype=np.int64)
        places = np.concatenate([np.arange(a, b + 1) for a, b in zip(first, last, strict=True)])
        found: IntArray = self.rows[places]
        return found


def comparisons(look: Look) -> list[Comparison]:
    """The series beside each of its references that shares at least one bucket with it.

    Worked out once, so that rows which one check distrusts are still compared by the next.
    """
    if "comparisons" not in look.memo:
        look.memo["comparisons"] = _comparisons(look)
    found: list[Comparison] = look.memo["comparisons"]
    return found


def _comparisons(look: Look) -> list[Comparison]:
    if not look.context.references:
        return []
    trusted = look.trusted_rows(but=("LOT_STEP", "MARK", "SPLIT"))
    mine = look.rows.take(trusted)
    rows = np.arange(len(look.rows))[trusted]
    if len(mine) == 0:
        return []
    found = (_compare(look, rows, mine, reference) for reference in look.context.references)
    return [one for one in found if one is not None]


def _compare(look: Look, rows: IntArray, mine: Rows, reference: Reference) -> Comparison | None:
    if len(reference.rows) == 0:
        return None
    step, hours = look.series.interval_ns, look.series.hours
    coarse = max(step, reference.interval_ns)
    if coarse % step or coarse % reference.interval_ns:
        return None
    ours, theirs = shared(fold(mine, step, coarse, hours), fold(reference.rows, reference.interval_ns, coarse, hours))
    whole = ours.is_whole & theirs.is_whole
    part = np.flatnonzero(~whole) if hours.sessions is not None else np.empty(0, dtype=np.int64)
    parts = (ours.at(part), theirs.at(part))
    ours, theirs = ours.at(np.flatnonzero(whole)), theirs.at(np.flatnonzero(whole))
    if len(ours.bucket) + len(part) == 0:
        return None
    adjusted, ratio = _constant_ratio(look, ours.values["close"] / theirs.values["close"])
    return Comparison(reference.label, rows, ours, theirs, parts, adjusted, ratio)


def _constant_ratio(look: Look, ratios: FloatArray) -> tuple[BoolArray, float]:
    """Buckets whose ratio is far from 1, if it is one and the same over long stretches; and the middle one."""
    spec = look.spec
    far = np.abs(ratios - 1) > spec.adjusted_distance
    count = int(np.count_nonzero(far))
    if count >= spec.adjusted_bars:
        levels, odd = _levels(ratios[far], _SAME_RATIO)
        if odd <= (1 - spec.adjusted_share) * count and max(1, levels - odd) * spec.adjusted_bars <= count:
            return far, float(np.median(ratios[far]))
    return np.zeros(len(ratios), dtype=np.bool_), 1.0


@kernel
def _levels(ratios: FloatArray, tolerance: float) -> tuple[int, int]:
    """Stretches in which a ratio keeps to its first value, and how many of them are but one bar long."""
    levels, odd, start = 1, 0, 0
    for i in range(1, len(ratios) + 1):
        if i == len(ratios) or abs(ratios[i] / ratios[start] - 1.0) > tolerance:
            odd += i - start == 1
            levels += i < len(ratios)
            start = i
    return levels, odd


def is_foreign(look: Look, one: Comparison) -> bool:
    """Whether so few closes agree that the two can't be one instrument."""
    if len(one.ratios) < look.spec.min_common or one.is_adjusted.any():
        return False
    return bool(np.mean(~one.differs("close", look.spec.price_tolerance)) < look.spec.same_close_share)


def disagreeing(look: Look) -> Iterator[Noticed]:
    """Rows in buckets whose prices differ from a reference's."""
    for one in comparisons(look):
        if is_foreign(look, one):
            continue
        apart = one.prices_differ(look.spec.price_tolerance)
        rows = one.rows_of(apart)
        if len(rows):
            most = max(
                float(np.abs(one.ours.values[name][apart] / one.theirs.values[name][apart] - 1).max())
                for name in _PRICES
            )
            count = int(apart.sum())
            detail = (
                f"bar that contradicts {one.label} ({count:,} of {len(apart):,} apart, by {most:.2%} at most)",
                f"{one.label}과 어긋나는 봉(비교한 {len(apart):,}개 중 {count:,}개, 차이 최대 {most:.2%})",
            )
            yield Noticed(rows, detail)


def other_volume(look: Look) -> Iterator[Noticed]:
    """Buckets whose prices agree with a reference's and whose volume does not."""
    for one in comparisons(look):
        if "volume" not in one.theirs.values or is_foreign(look, one):
            continue
        apart = one.differs("volume", look.spec.volume_tolerance) & ~one.prices_differ(look.spec.price_tolerance)
        if apart.any():
            ratio = one.ours.values["volume"][apart] / np.maximum(one.theirs.values["volume"][apart], 1e-300)
            middle = float(np.median(ratio))
            at_ns = look.at_ns[one.rows[one.ours.first[apart]]]
            detail = (
                f"bar whose volume differs from {one.label} (median {middle:.4g} of it)",
                f"거래량이 {one.label}과 다른 봉(중앙값 {middle:.4g}배)",
            )
            yield Noticed(detail=detail, count=len(at_ns), span=(int(at_ns[0]), int(at_ns[-1])), places=at_ns)


def partly_covered(look: Look) -> Iterator[Noticed]:
    """Days that one of the two series covers in part: how far close, high, low and volume are off."""
    for one in comparisons(look):
        ours, theirs = one.parts
        if len(ours.bucket) == 0:
            continue
        differs = {
            name: int(np.count_nonzero(np.abs(ours.values[name] / theirs.values[name] - 1) > 1e-9)) for name in _PRICES
        }
        days = len(ours.bucket)
        volumes = [side.values["volume"].sum() for side in (ours, theirs)]
        lost = 1 - min(volumes) / max(volumes)
        at_ns = look.at_ns[one.rows[ours.first]]
        detail = (
            (
                f"day covered in part, compared with {one.label}: closes differ on {differs['close']} of {days}, "
                f"highs on {differs['high']}, lows on {differs['low']}; {lost:.0%} of the volume is missing"
            ),
            (
                f"{one.label}과 비교해 일부만 담긴 날: {days}일 중 종가 {differs['close']}일, "
                f"고가 {differs['high']}일, 저가 {differs['low']}일이 다르고 거래량의 {lost:.0%}가 없음"
            ),
        )
        yield Noticed(detail=detail, count=days, span=(int(at_ns[0]), int(at_ns[-1])), places=at_ns)


def other_basis(look: Look) -> Iterator[Noticed]:
    """Stretches in a constant ratio to a reference."""
    for one in comparisons(look):
        if one.is_adjusted.any() and not is_power_of_ten(one.ratio):
            at_ns = look.at_ns[one.rows[one.ours.first[one.is_adjusted]]]
            detail = (
                f"bar at {one.ratio:.4g} times the price of {one.label}: adjusted differently",
                f"{one.label} 가격의 {one.ratio:.4g}배인 봉: 수정 기준이 다름",
            )
            yield Noticed(detail=detail, count=len(at_ns), span=(int(at_ns[0]), int(at_ns[-1])), places=at_ns)


def is_power_of_ten(ratio: float) -> bool:
    """Whether a ratio is a hundred, a thousand, ... or one over it, to 5 %."""
    power = np.log10(ratio)
    return bool(abs(power) > 1.5 and abs(power - np.round(power)) < 0.02)
