"""Whether the series is the instrument that its name says: lot steps, contracts of 1,000 coins, other series of it."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.checks.look import Look, Noticed, Text
from geobuk.data.checks.prices import is_off
from geobuk.data.checks.sources import comparisons, is_foreign, is_power_of_ten
from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray

PREFIXES = ("1000", "1000000", "1M")
"""What venues write before the name of a contract that counts its coins by the thousand or million."""

MULTIPLES: dict[str, frozenset[str]] = {
    "binance": frozenset(
        {
            "1000000BOBUSDT",
            "1000000MOGUSDT",
            "1000BONKUSDT",
            "1000CATUSDT",
            "1000CHEEMSUSDT",
            "1000FLOKIUSDT",
            "1000LUNCUSDT",
            "1000PEPEUSDT",
            "1000RATSUSDT",
            "1000SATSUSDT",
            "1000SHIBUSDT",
            "1000XECUSDT",
            "1MBABYDOGEUSDT",
        }
    )
}
"""Contracts by venue that count coins so, as listed in June 2025."""


def foreign_lots(look: Look) -> Iterator[Noticed]:
    """Bars in blocks of which many volumes are no multiples of the lot step."""
    if look.context.step <= 0:
        return
    volume, spec = look.column("volume"), look.spec
    block = min(spec.off_step_block, max(1, len(volume)))
    counts = _off_step(volume, look.context.step, block)
    lengths = np.full(len(counts), block)
    lengths[-1:] = len(volume) - block * (len(counts) - 1)
    foreign = counts >= spec.off_step_share * lengths
    if foreign.any():
        rows = np.flatnonzero(np.repeat(foreign, lengths))
        detail = (
            f"bar in a stretch whose volumes have fractions below the lot step of {look.context.step:g}",
            f"거래량에 최소 단위 {look.context.step:g}보다 작은 소수가 있는 구간의 봉",
        )
        yield Noticed(rows, detail)


@kernel
def _off_step(volume: FloatArray, step: float, block: int) -> IntArray:
    """Number of volumes off the step in each block."""
    counts = np.zeros((len(volume) + block - 1) // block, dtype=np.int64)
    for k in range(len(counts)):
        off = 0
        for i in range(k * block, min(len(volume), (k + 1) * block)):
            multiple = volume[i] / step
            off += abs(multiple - np.rint(multiple)) > 1e-4 + 1e-12 * abs(multiple)
        counts[k] = off
    return counts


def wrong_instrument(look: Look) -> Iterator[Noticed]:
    """Every piece of evidence that this is another instrument, in one finding."""
    evidence = [*_by_lots(look), *_by_name(look), *_by_references(look), *_by_mark(look)]
    if evidence:
        detail = ("; ".join(one[0] for one in evidence), "; ".join(one[1] for one in evidence))
        yield Noticed(detail=detail, count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))


def _by_lots(look: Look) -> Iterator[Text]:
    share = len(look.marked("LOT_STEP")) / len(look.rows)
    if share <= look.spec.max_bad_share:
        return
    step = look.context.step
    off = float(np.mean(is_off(look.column("volume"), step)))
    ticks = look.context.ticks_at(look.at_ns, look.column("close"), backwards=True)
    off_tick = float(np.mean(is_off(look.column("close"), ticks)))
    also = (f", {off_tick:.0%} of the closes lie off the tick", f", 종가의 {off_tick:.0%}가 호가 단위에 맞지 않음")
    also = also if off_tick > look.spec.off_tick_share else ("", "")
    rules = look.context.rules_as_of
    english = f"{off:.0%} of the volumes have fractions below the lot step of {step:g} (rules of {rules}){also[0]}"
    korean = f"거래량의 {off:.0%}에 최소 단위 {step:g}보다 작은 소수가 있음({rules} 규칙){also[1]}"
    yield f"{english}: another market's bars, such as spot", f"{korean}: 현물 등 다른 시장의 봉"


def _by_name(look: Look) -> Iterator[Text]:
    name, known = look.series.instrument, look.context.known_names
    contract = multiple_of(name, known)
    if name in known or not contract:
        return
    reference = look.context.thousandfold
    measured = ("", "")
    if reference is not None:
        ratio = _ratio(look, reference.rows.at_ns, reference.rows.values["close"])
        if ratio is not None:
            measured = (f", whose price is {1 / ratio:,.0f} times this", f"(가격이 {1 / ratio:,.0f}배)")
    venue = look.series.venue
    yield (
        f"{venue} has no {name}; it trades {contract}{measured[0]}: these are prices of the coin itself, such as spot",
        f"{venue}에는 {name}이 없고 {contract}이 있음{measured[1]}: 현물 등 코인 하나의 가격",
    )


def multiple_of(name: str, known: frozenset[str]) -> str:
    """The contract of many coins that goes by another name; empty if there is none.

    >>> multiple_of("PEPEUSDT", frozenset({"1000PEPEUSDT"}))
    '1000PEPEUSDT'
    """
    return next((prefix + name for prefix in PREFIXES if prefix + name in known), "")


def _by_references(look: Look) -> Iterator[Text]:
    for one in comparisons(look):
        if one.is_adjusted.any() and is_power_of_ten(one.ratio):
            yield (
                f"prices are {one.ratio:,.4g} times those of {one.label}",
                f"가격이 {one.label}의 {one.ratio:,.4g}배",
            )
        elif is_foreign(look, one):
            same = float(np.mean(~one.differs("close", look.spec.price_tolerance)))
            volume = ("", "")
            if "volume" in one.theirs.values:
                ratio = float(np.sum(one.ours.values["volume"]) / max(np.sum(one.theirs.values["volume"]), 1e-300))
                volume = (f", the volume is {ratio:.2g} of it", f", 거래량은 {ratio:.2g}배")
            count = len(one.ratios)
            yield (
                f"closes equal those of {one.label} in {same:.2%} of {count:,} bars{volume[0]}",
                f"{one.label}과 종가가 같은 봉이 {count:,}개 중 {same:.2%}{volume[1]}",
            )


def _by_mark(look: Look) -> Iterator[Text]:
    mark = look.context.mark
    if mark is None or len(mark.rows) == 0:
        return
    ratio = _ratio(look, mark.rows.at_ns, mark.rows.values["close"])
    if ratio is not None and not 0.5 < ratio < 2.0:
        yield f"prices are {ratio:,.4g} times the mark price", f"가격이 마크 가격의 {ratio:,.4g}배"


def _ratio(look: Look, at_ns: IntArray, close: FloatArray) -> float | None:
    """Median of our closes over the last close of the other known before; None where times do not meet."""
    rows = np.arange(len(look.rows))[look.trusted_rows(but=("LOT_STEP",))][:: max(1, len(look.rows) // 2000)]
    place = np.searchsorted(at_ns, look.at_ns[rows], side="right") - 1
    fits = (place >= 0) & (look.at_ns[rows] <= at_ns[-1])
    if np.count_nonzero(fits) < min(look.spec.min_common, len(look.rows)):
        return None
    return float(np.median(look.column("close")[rows[fits]] / close[place[fits]]))
