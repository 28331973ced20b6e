"""What the quality gate can notice: codes, consequences, sentences in English and Korean, and the bits of the mask.

It knows words only; the checks themselves live in :mod:`geobuk.data.quality`.
"""

from dataclasses import dataclass

from geobuk.domain.times import at_text
from geobuk.panel import Finding

PASS, MASK, QUARANTINE = "pass", "mask", "quarantine"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A code's consequence and meaning.

    ``phrase`` names one case of it; ``bit`` is its place in the stored mask (0 where no row is marked).
    """

    consequence: str
    phrase: str
    english: str
    korean: str
    bit: int = 0


FINDINGS: dict[str, FindingKind] = {
    "ORDER": FindingKind(
        PASS,
        "step back in time, rows sorted",
        "Time runs backwards in the file; the rows were sorted.",
        "파일의 시각이 거꾸로 흐릅니다. 행을 시간순으로 정렬했습니다.",
    ),
    "DUPLICATE": FindingKind(
        PASS,
        "identical copy dropped",
        "The same row appears more than once; one copy was kept.",
        "같은 행이 두 번 이상 나옵니다. 하나만 남겼습니다.",
    ),
    "DUPLICATE_CONFLICT": FindingKind(
        MASK,
        "moment with contradicting rows",
        "Rows of one moment contradict each other; none of them can be trusted.",
        "같은 시각의 행들이 서로 다릅니다. 어느 것도 믿을 수 없습니다.",
        bit=1,
    ),
    "CONFLICT": FindingKind(
        PASS,
        "imported row contradicts the stored one, which was kept",
        "A later import disagrees with a stored row; the stored row was kept.",
        "나중에 가져온 행이 저장된 행과 다릅니다. 저장된 행을 유지했습니다.",
    ),
    "UNFINISHED": FindingKind(
        PASS,
        "unfinished bar left out",
        "The bar had not ended when it was imported; it was left out.",
        "가져올 때 아직 끝나지 않은 봉이어서 제외했습니다.",
    ),
    "GAP": FindingKind(
        MASK,
        "missing bar",
        "Bars are missing; the instrument can't be traded there.",
        "봉이 빠져 있습니다. 그 구간에서는 거래하지 않습니다.",
    ),
    "OHLC": FindingKind(
        MASK,
        "bar whose high or low contradicts its other prices",
        "High is below, or low is above, another price of the same bar.",
        "고가가 같은 봉의 다른 가격보다 낮거나 저가가 더 높습니다.",
        bit=2,
    ),
    "NON_POSITIVE": FindingKind(
        MASK,
        "bar with a price of zero or below",
        "A price is zero or negative.",
        "가격이 0이거나 음수입니다.",
        bit=4,
    ),
    "ZERO_VOLUME": FindingKind(
        MASK,
        "bar in a run without volume",
        "Three or more bars in a row have no volume: nothing could be traded.",
        "거래량이 0인 봉이 세 개 이상 이어집니다. 거래할 수 없던 구간입니다.",
        bit=8,
    ),
    "MISALIGNED": FindingKind(
        MASK,
        "row off the time grid",
        "The bar's time is not on the grid of its interval.",
        "봉의 시각이 봉 간격의 격자에 맞지 않습니다.",
        bit=16,
    ),
    "NOT_A_NUMBER": FindingKind(
        MASK,
        "row with a value that is missing or not finite",
        "A value is missing or not finite.",
        "값이 비어 있거나 유한한 수가 아닙니다.",
        bit=32,
    ),
    "NEGATIVE_VOLUME": FindingKind(
        MASK,
        "bar with negative volume",
        "The volume is negative.",
        "거래량이 음수입니다.",
        bit=64,
    ),
    "CALENDAR": FindingKind(
        MASK,
        "bar on a closed day",
        "The bar lies on a day on which the venue is closed.",
        "거래소가 쉬는 날의 봉입니다.",
        bit=128,
    ),
    "SESSIONS": FindingKind(
        PASS,
        "weekday without a bar: holiday or missing",
        "Weekdays without bars: holidays and missing data can't be told apart without the venue's holidays.",
        "봉이 없는 평일이 있습니다. 휴장일 목록이 없어 휴장과 누락을 구분할 수 없습니다.",
    ),
    "FLAT": FindingKind(
        PASS,
        "bar with volume but without any move",
        "The price stands still although volume is reported; the feed may have been frozen.",
        "거래량은 있는데 가격이 움직이지 않습니다. 데이터가 멈췄을 수 있습니다.",
    ),
    "BAD_SHARE": FindingKind(
        QUARANTINE,
        "too many bad rows",
        "Too many rows are bad; the series is not used.",
        "잘못된 행이 너무 많아 이 시계열은 쓰지 않습니다.",
    ),
    "SPARSE": FindingKind(
        QUARANTINE,
        "too many missing bars",
        "Too many bars are missing; the series is not used.",
        "빠진 봉이 너무 많아 이 시계열은 쓰지 않습니다.",
    ),
    "RATE_UNIT": FindingKind(
        QUARANTINE,
        "the funding rates look like percent, not fractions: 0.0001 is meant where 0.01 is written",
        "Funding rates are far too large for fractions; they look like percent.",
        "펀딩비가 비율로 보기에는 너무 큽니다. 퍼센트 단위로 보입니다.",
    ),
    "CHECKSUM": FindingKind(
        QUARANTINE,
        "stored file missing or changed",
        "A stored file is missing or no longer what was written.",
        "저장된 파일이 없거나 저장할 때와 다릅니다.",
    ),
}
"""Every code, in the order of the gate."""

PRICE_BITS = sum(kind.bit for code, kind in FINDINGS.items() if code != "ZERO_VOLUME")
"""Marks of rows whose values are not shown in a panel: their prices can't be trusted."""

BAD_BITS = PRICE_BITS & ~FINDINGS["CALENDAR"].bit
"""Marks that count towards quarantine."""


def finding(
    code: str, instrument: str, count: int, span: tuple[int, int], *, detail: str = "", series: str = "bars"
) -> Finding:
    """A Finding with the code's consequence; the text says in which kind of series, when, and ``detail`` what."""
    kind = FINDINGS[code]
    first, last = span
    when = at_text(first) if first == last else f"{at_text(first)} to {at_text(last)}"
    body = detail or kind.phrase
    label = instrument if series == "bars" else f"{instrument} {series}"
    text = f"{label}: {count} x {body} ({when} UTC)" if count > 1 else f"{label}: {body} ({when} UTC)"
    return Finding(
        code=code,
        instrument=instrument,
        consequence=kind.consequence,
        count=int(count),
        first_at_ns=int(first),
        last_at_ns=int(last),
        text=text,
    )
