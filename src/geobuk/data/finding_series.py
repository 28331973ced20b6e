"""Codes about outliers, identity, funding, sessions, sources and tapes. Words only: it knows no data and no check."""

from geobuk.data.finding_kind import ERROR, INFO, MASK, PASS, QUARANTINE, WARNING, FindingKind

OUTLIERS: dict[str, FindingKind] = {
    "SPIKE": FindingKind(
        WARNING,
        MASK,
        "spike far beyond its neighbours that reverts at once",
        "이웃 봉을 크게 벗어났다가 바로 돌아온 봉",
        "The bar reaches far beyond both neighbours and comes back: a bad print, or a wick nobody can count on.",
        "양옆 봉을 크게 벗어났다가 바로 돌아옵니다. 잘못된 체결이거나 믿고 거래할 수 없는 꼬리입니다.",
        bit=1 << 11,
    ),
    "MARK": FindingKind(
        WARNING,
        MASK,
        "bar far from the mark price",
        "마크 가격에서 크게 벗어난 봉",
        "The bar lies far from the mark price of the same time.",
        "같은 시각의 마크 가격에서 크게 벗어났습니다.",
        bit=1 << 12,
    ),
    "MARK_WICK": FindingKind(
        INFO,
        PASS,
        "wick of the last price beyond the mark price",
        "마크 가격을 벗어난 체결 가격의 꼬리",
        "The last price reached further than the mark price: a wick that liquidates nobody.",
        "체결 가격이 마크 가격보다 더 멀리 움직였습니다. 청산을 일으키지 않는 꼬리입니다.",
    ),
}

IDENTITY: dict[str, FindingKind] = {
    "LOT_STEP": FindingKind(
        ERROR,
        MASK,
        "bar in a stretch whose volumes have fractions below the lot step",
        "거래량에 최소 수량 단위보다 작은 소수가 있는 구간의 봉",
        "Volumes have fractions below the lot step of the contract: the bars are of another market, such as spot.",
        "거래량에 계약의 최소 수량 단위보다 작은 소수가 있습니다. 현물 등 다른 시장의 봉입니다.",
        bit=1 << 15,
    ),
    "WRONG_INSTRUMENT": FindingKind(
        ERROR,
        QUARANTINE,
        "this is another instrument than the name says",
        "이름과 다른 종목의 데이터",
        "The prices or volumes are not those of the instrument that the name says.",
        "가격이나 거래량이 이름에 적힌 종목의 것이 아닙니다.",
    ),
}

FUNDING: dict[str, FindingKind] = {
    "FUNDING_INTERVAL": FindingKind(
        INFO,
        PASS,
        "change of the time between funding stamps",
        "펀딩 간격 변경",
        "The time between funding stamps changes inside the series.",
        "펀딩 간격이 도중에 바뀝니다.",
    ),
    "LATE_STAMPS": FindingKind(
        INFO,
        PASS,
        "funding stamp some milliseconds off its minute",
        "정각에서 몇 밀리초 벗어난 펀딩 시각",
        "Funding stamps lie some milliseconds after the hour; they are joined on the rounded minute.",
        "펀딩 시각이 정각보다 몇 밀리초 늦습니다. 분 단위로 반올림하여 맞춥니다.",
    ),
    "RATE_EXTREME": FindingKind(
        WARNING,
        PASS,
        "extreme funding rate",
        "극단적인 펀딩비",
        "The funding rate is extreme; positions there cost or earn much.",
        "펀딩비가 극단적입니다. 그 시점의 포지션은 비용이나 수익이 큽니다.",
    ),
    "RATE_UNIT": FindingKind(
        ERROR,
        QUARANTINE,
        "the funding rates look like percent, not fractions: 0.0001 is meant where 0.01 is written",
        "펀딩비가 퍼센트로 적힌 것으로 보임(0.01은 0.0001이어야 함)",
        "Funding rates are far too large for fractions; they look like percent.",
        "펀딩비가 비율로 보기에는 너무 큽니다. 퍼센트 단위로 보입니다.",
    ),
}

SESSIONS: dict[str, FindingKind] = {
    "CALENDAR": FindingKind(
        INFO,
        MASK,
        "bar on a closed day",
        "휴장일의 봉",
        "The bar lies on a day on which the venue is closed.",
        "거래소가 쉬는 날의 봉입니다.",
        bit=128,
    ),
    "SESSIONS": FindingKind(
        WARNING,
        PASS,
        "session without a bar: halted, not yet listed, or missing",
        "봉이 없는 거래일(거래정지 또는 누락)",
        "Sessions of the venue have no bar: a halt that the file leaves out, or missing data.",
        "거래일인데 봉이 없습니다. 거래정지 행을 뺀 파일이거나 누락입니다.",
    ),
    "PARTIAL": FindingKind(
        WARNING,
        PASS,
        "session that ends early or begins late in the data",
        "앞이나 뒤가 잘린 거래일",
        "The session's first or last part is missing, closing auction included; its last bar is not the day's close.",
        "거래일의 앞이나 뒤(종가 단일가 포함)가 없습니다. 마지막 봉은 그날의 종가가 아닙니다.",
    ),
    "OFF_HOURS": FindingKind(
        WARNING,
        MASK,
        "bar outside the session",
        "거래 시간 밖의 봉",
        "The bar lies outside the venue's session.",
        "거래 시간 밖의 봉입니다.",
        bit=1 << 17,
    ),
    "TIME_ZONE": FindingKind(
        ERROR,
        QUARANTINE,
        "the clock is shifted: bars lie outside the session",
        "시각이 밀려 봉이 거래 시간 밖에 있음",
        "Most bars lie outside the venue's session: local time was taken for UTC, or UTC for local time.",
        "대부분의 봉이 거래 시간 밖에 있습니다. 현지 시각과 UTC를 혼동했습니다.",
    ),
}

SOURCES: dict[str, FindingKind] = {
    "SOURCES": FindingKind(
        WARNING,
        MASK,
        "bar that contradicts another source",
        "다른 자료와 어긋나는 봉",
        "Another stored series of the same instrument shows other prices; which one is right is not known.",
        "같은 종목의 다른 시계열과 가격이 다릅니다. 어느 쪽이 맞는지 알 수 없습니다.",
        bit=1 << 13,
    ),
    "SOURCES_VOLUME": FindingKind(
        INFO,
        PASS,
        "bar whose volume differs from another source",
        "거래량이 다른 자료와 다른 봉",
        "Prices agree with another stored series, the volume does not.",
        "다른 시계열과 가격은 같지만 거래량이 다릅니다.",
    ),
    "SOURCES_PARTIAL": FindingKind(
        WARNING,
        PASS,
        "day of which the finer bars cover only a part",
        "세밀한 봉이 일부만 담은 날",
        "The finer bars do not cover the whole session of the daily ones: close, extremes and volume differ.",
        "분봉이 일봉의 거래 시간을 다 담지 않습니다. 종가, 고가·저가, 거래량이 다릅니다.",
    ),
    "ADJUSTMENT": FindingKind(
        WARNING,
        PASS,
        "bar on another adjustment basis than the other source",
        "수정주가 기준이 다른 봉",
        "Prices are a constant multiple of another source's: the two are adjusted differently.",
        "가격이 다른 자료의 일정한 배수입니다. 수정주가 기준이 서로 다릅니다.",
    ),
}

TOTALS: dict[str, FindingKind] = {
    "BAD_SHARE": FindingKind(
        ERROR,
        QUARANTINE,
        "too many bad rows",
        "잘못된 행이 너무 많음",
        "Too many rows are bad; the series is not used.",
        "잘못된 행이 너무 많아 이 시계열은 쓰지 않습니다.",
    ),
    "SPARSE": FindingKind(
        ERROR,
        QUARANTINE,
        "too many missing bars",
        "빠진 봉이 너무 많음",
        "Too many bars are missing; the series is not used.",
        "빠진 봉이 너무 많아 이 시계열은 쓰지 않습니다.",
    ),
    "CHECKSUM": FindingKind(
        ERROR,
        QUARANTINE,
        "stored file missing or changed",
        "없어졌거나 바뀐 저장 파일",
        "A stored file is missing or no longer what was written.",
        "저장된 파일이 없거나 저장할 때와 다릅니다.",
    ),
}

TAPES: dict[str, FindingKind] = {
    "LATENCY": FindingKind(
        ERROR,
        PASS,
        "message received before it was sent: the receiver's clock is behind",
        "보내기 전에 받은 메시지(수신 시계가 늦음)",
        "Messages arrived before the venue sent them: the receiver's clock ran behind; latencies can't be measured.",
        "거래소가 보내기 전에 받은 것으로 적혀 있습니다. 수신 시계가 늦어 지연을 잴 수 없습니다.",
    ),
    "SAME_INSTANT": FindingKind(
        INFO,
        PASS,
        "trade that shares its millisecond with another",
        "같은 밀리초에 겹친 체결",
        "Several trades share a millisecond; their ids tell the order.",
        "여러 체결이 같은 밀리초에 있습니다. 순서는 체결 번호로 압니다.",
    ),
    "TAPE_IDS": FindingKind(
        ERROR,
        PASS,
        "hole in the message numbers",
        "끊긴 메시지 번호",
        "Message numbers have holes: trades or depth updates are missing.",
        "메시지 번호가 끊겨 있습니다. 체결이나 호가 갱신이 빠졌습니다.",
    ),
    "CROSSED": FindingKind(
        ERROR,
        PASS,
        "best bid at or above the best ask",
        "매수 호가가 매도 호가 이상",
        "The best bid is at or above the best ask.",
        "최우선 매수 호가가 매도 호가와 같거나 높습니다.",
    ),
}
