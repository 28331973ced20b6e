"""What the choice of instruments says, in English and Korean: criterion -> (in favour, against). It decides nothing."""

import math

Text = tuple[str, str]

_UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "M"))
_UNITS_KO = ((1e12, "조"), (1e8, "억"), (1e4, "만"))


def amount(value: float) -> Text:
    """Money in a few signs.

    >>> amount(2_340_000_000.0), amount(5.1)
    (('2.3 bn', '23.4억'), ('5.10', '5.10'))
    """
    return _scaled(value, _UNITS, " "), _scaled(value, _UNITS_KO, "")


def _scaled(value: float, units: tuple[tuple[float, str], ...], space: str) -> str:
    for size, name in units:
        if abs(value) >= size:
            return f"{value / size:,.{0 if abs(value) >= 100 * size else 1}f}{space}{name}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:,.0f}"


def share(value: float) -> Text:
    """A fraction in per cent, with as many digits as it needs.

    >>> share(0.00123), share(0.5), share(0.0)
    (('0.12 %', '0.12 %'), ('50 %', '50 %'), ('0 %', '0 %'))
    """
    percent = 100.0 * value
    digits = 0 if percent == 0.0 or abs(percent) >= 20 else 1 if abs(percent) >= 2 else 2 if abs(percent) >= 0.05 else 4
    text = f"{percent:.{digits}f} %"
    return text, text


def bps(value: float) -> Text:
    """A fraction in hundredths of a per cent."""
    text = f"{value * 1e4:.{0 if abs(value) >= 0.01 else 1}f}"
    return f"{text} bps", f"{text} bp"


def days(value: float) -> Text:
    """Whole days."""
    return f"{math.floor(value):,} days", f"{math.floor(value):,}일"


def plain(value: float) -> Text:
    """A number without a unit."""
    text = f"{value:.2f}"
    return text, text


def count(value: float) -> Text:
    """A whole number."""
    return f"{value:,.0f}", f"{value:,.0f}"


FORMATS = {"amount": amount, "share": share, "bps": bps, "days": days, "plain": plain, "count": count}

WORDS: dict[str, tuple[Text, Text]] = {
    "TURNOVER": (
        (
            "{value} {quote} a day change hands (median); at least {limit} are asked",
            "하루 거래대금 {value} {quote} (중앙값), 최소 {limit}",
        ),
        (
            "only {value} {quote} a day change hands (median); at least {limit} are asked",
            "하루 거래대금이 {value} {quote}(중앙값)뿐입니다. 최소 {limit}이 필요합니다",
        ),
    ),
    "SPREAD": (
        (
            "the bars suggest a spread of {value}; at most {limit} is allowed",
            "봉으로 추정한 스프레드 {value}, 최대 {limit}",
        ),
        (
            "the bars show a spread of {value} or more (surely above {low}); at most {limit} is allowed",
            "봉으로 추정한 스프레드가 {value}(확실히 {low} 이상)입니다. 최대 {limit}까지 허용합니다",
        ),
    ),
    "TICK": (
        (
            "one tick is {value} of the price; at most {limit} is allowed",
            "호가 단위는 가격의 {value}, 최대 {limit}",
        ),
        (
            "one tick is {value} of the price, more than {limit}: the spread can't be less",
            "호가 단위가 가격의 {value}로 {limit}보다 큽니다. 스프레드가 그보다 작을 수 없습니다",
        ),
    ),
    "AGE": (
        (
            "it has traded for {value}; at least {limit} are asked",
            "거래 기간 {value}, 최소 {limit}",
        ),
        (
            "it has traded for {value} only; at least {limit} are asked",
            "거래 기간이 {value}뿐입니다. 최소 {limit}이 필요합니다",
        ),
    ),
    "HISTORY": (
        (
            "its history here goes back {value}",
            "여기 있는 기록은 {value}",
        ),
        (
            "its history here goes back {value} only; {limit} are needed to judge it",
            "여기 있는 기록이 {value}뿐입니다. 판단에 {limit}이 필요합니다",
        ),
    ),
    "DATA": (
        (
            "{value} of its bars are missing or masked; at most {limit} may be",
            "빠지거나 제외된 봉 {value}, 최대 {limit}",
        ),
        (
            "{value} of its bars are missing or masked, more than {limit}",
            "빠지거나 제외된 봉이 {value}로 {limit}보다 많습니다",
        ),
    ),
    "ZERO_VOLUME": (
        (
            "{value} of its bars are without volume; at most {limit} may be",
            "거래량 없는 봉 {value}, 최대 {limit}",
        ),
        (
            "{value} of its bars are without volume, more than {limit}",
            "거래량 없는 봉이 {value}로 {limit}보다 많습니다",
        ),
    ),
    "VOLATILITY": (
        (
            "it moves {value} a year, enough to earn its costs (at least {limit})",
            "연간 변동성 {value}, 비용을 벌 만큼 움직입니다 (최소 {limit})",
        ),
        (
            "it moves only {value} a year; less than {limit} can't earn its costs",
            "연간 변동성이 {value}뿐입니다. {limit}보다 작으면 비용을 벌 수 없습니다",
        ),
    ),
    "TOO_VOLATILE": (
        (
            "it moves {value} a year; at most {limit} is allowed",
            "연간 변동성 {value}, 최대 {limit}",
        ),
        (
            "it moves {value} a year, more than {limit}",
            "연간 변동성이 {value}로 {limit}보다 큽니다",
        ),
    ),
    "FUNDING": (
        (
            "longs paid funding of {value} a year; at most {limit} either way is allowed",
            "롱이 낸 펀딩 연 {value}, 양방향 최대 {limit}",
        ),
        (
            "longs paid funding of {value} a year; at most {limit} either way is allowed",
            "롱이 낸 펀딩이 연 {value}입니다. 양방향 최대 {limit}까지 허용합니다",
        ),
    ),
    "AFFORDABLE": (
        (
            "a full position of {value} {quote} holds {headroom} smallest orders of {limit}",
            "최대 포지션 {value} {quote}는 최소 주문 {limit}의 {headroom}배",
        ),
        (
            (
                "with {capital} {quote} shared among {believers} a full position is {value} {quote}, the smallest "
                "order is {limit}: it needs {needed} of capital"
            ),
            (
                "자본 {capital} {quote}를 {believers}종목이 나누면 최대 포지션은 {value} {quote}, 최소 주문은 "
                "{limit}입니다. 필요한 자본은 {needed}입니다"
            ),
        ),
    ),
    "PARTICIPATION": (
        (
            "a full position is {value} of a day's turnover; at most {limit} may be",
            "최대 포지션은 하루 거래대금의 {value}, 최대 {limit}",
        ),
        (
            "a full position is {value} of a day's turnover, more than {limit}",
            "최대 포지션이 하루 거래대금의 {value}로 {limit}보다 큽니다",
        ),
    ),
    "SILENT": (
        (
            "its last good bar is {value} older than the venue's",
            "마지막 유효 봉이 거래소보다 {value} 늦습니다",
        ),
        (
            ("its last good bar is {value} older than the venue's, more than {limit}: it has stopped, or its data has"),
            "마지막 유효 봉이 거래소보다 {value} 늦어 {limit}을 넘습니다. 거래나 데이터가 멈췄습니다",
        ),
    ),
    "CORRELATION": (
        (
            "its highest correlation with the others chosen is {value}, with {other}; at most {limit} is allowed",
            "선택된 종목과의 최고 상관 {value} ({other}), 최대 {limit}",
        ),
        (
            "its correlation with {other}, which is chosen, is {value}, above {limit}: it adds nothing",
            "이미 선택된 {other}와의 상관이 {value}로 {limit}보다 높아 더해 주는 것이 없습니다",
        ),
    ),
    "SECTOR": (
        (
            "its sector {other} has {value} of at most {limit} names",
            "업종 {other}: {value}종목, 최대 {limit}종목",
        ),
        (
            "its sector {other} has {value} names already; at most {limit} may be chosen",
            "업종 {other}에서 이미 {value}종목이 선택되어 최대 {limit}종목에 이르렀습니다",
        ),
    ),
    "RANK": (
        (
            "rank {value} of those that qualify",
            "조건을 충족한 종목 중 {value}위",
        ),
        (
            "it qualifies, but {limit} with more points come before it",
            "조건은 충족하지만 점수가 높은 {limit}종목이 앞섭니다",
        ),
    ),
}
"""In favour, against; the placeholders are value, limit, quote and what a criterion adds."""

REMARKS: dict[str, Text] = {
    "KEPT": (
        "it is held already: {value} points more, so that names change less often",
        "이미 보유 중이므로 종목 교체를 줄이도록 {value}점을 더합니다",
    ),
    "TURNOVER": (
        "its turnover is not known: it has no bars in the period looked at",
        "살펴본 기간에 봉이 없어 거래대금을 알 수 없습니다",
    ),
    "SPREAD": (
        "too few good bars to guess a spread",
        "유효한 봉이 너무 적어 스프레드를 추정할 수 없습니다",
    ),
    "VOLATILITY": (
        "too few days to measure its volatility",
        "변동성을 잴 수 있을 만큼 날짜가 많지 않습니다",
    ),
    "FUNDING": (
        "its funding rates are not known: what holding it costs can't be told",
        "펀딩비를 알 수 없어 보유 비용을 알 수 없습니다",
    ),
    "AFFORDABLE": (
        "its volatility is not known, so no position can be sized",
        "변동성을 알 수 없어 포지션 크기를 정할 수 없습니다",
    ),
    "RULES": (
        "no trading rules of it are known (tick, step, smallest order): geobuk data rules",
        "거래 규칙(호가 단위, 수량 단위, 최소 주문)을 알 수 없습니다: geobuk data rules",
    ),
    "MEMBER": (
        "it was not listed at that moment",
        "그 시점에 상장되어 있지 않았습니다",
    ),
    "BARS": (
        "no bar of it closed in the period looked at",
        "살펴본 기간에 끝난 봉이 없습니다",
    ),
    "QUARANTINED": (
        "its bars are quarantined: {detail}",
        "봉이 격리되어 있습니다: {detail}",
    ),
}
"""What is said one way only: mostly that a measure can't be taken, which speaks against."""

NOTES: dict[str, Text] = {
    "FEWER": (
        "{chosen} chosen of the {asked} asked for: {why}",
        "{asked}종목을 요청했으나 {chosen}종목만 선택했습니다: {why}",
    ),
    "UNDER_LEAST": (
        "a universe should have {least} names at least: with {chosen} the results lean on few",
        "{chosen}종목은 유니버스의 최소 {least}종목보다 적습니다. 결과가 소수 종목에 좌우됩니다",
    ),
    "WHY_SHARED": (
        "of those that pass everything else, too few could be afforded if more shared the capital",
        "다른 조건을 통과한 종목 중, 더 많은 종목이 자본을 나누면 살 수 있는 종목이 부족합니다",
    ),
    "WHY_GATES": (
        "no other instrument passes every limit",
        "모든 조건을 통과한 종목이 더 없습니다",
    ),
    "LATER_RULES": (
        "the trading rules used were read on {date}, after the moment: they were not known then",
        "사용한 거래 규칙은 그 시점 이후인 {date}에 읽은 것입니다. 당시에는 알 수 없던 것입니다",
    ),
    "SURVIVORS": (
        (
            "survivorship bias: every name in the catalog still traded long after this moment, so those that had "
            "vanished by then could not be chosen"
        ),
        (
            "생존 편향: 카탈로그의 모든 종목이 이 시점 한참 뒤까지 거래되었으므로 그 사이에 사라진 종목은 선택될 "
            "수 없었습니다"
        ),
    ),
    "NO_FUNDING": (
        "funding rates are not known for {count} of the chosen: what holding them costs is not judged",
        "선택된 종목 중 {count}개는 펀딩비를 알 수 없어 보유 비용을 판단하지 못했습니다",
    ),
    "SYNTHETIC": (
        "the data is synthetic: made by a program, it says nothing about a real market",
        "합성 데이터입니다. 실제 시장에 대해 말해 주는 것은 없습니다",
    ),
}
