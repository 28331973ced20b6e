"""The reason codes in words, English and Korean: which stage spoke, what it said, what a person can do."""

from dataclasses import dataclass

from geobuk.risk.reasons import Reason

Text = tuple[str, str]
"""The same in English and Korean."""

STAGES: dict[str, Text] = {
    "exit": ("Exit", "청산"),
    "belief": ("Forecast", "예측"),
    "data": ("Data quality", "데이터 품질"),
    "sizing": ("Sizing", "크기 결정"),
    "limits": ("Limits", "한도"),
    "venue": ("Venue rules", "거래소 규칙"),
    "cost": ("Cost of trading", "거래 비용"),
    "protection": ("Protection", "보호"),
    "market": ("Market", "시장"),
}


@dataclass(frozen=True, slots=True)
class ReasonText:
    """``text`` completes "it said no because"; ``cure`` says what to look at."""

    stage: str
    text: Text
    cure: Text = ("", "")


_LIMIT_CURE: Text = (
    "The wish was larger than the limit and was reduced to it.",
    "원한 크기가 한도보다 커서 한도까지 줄였습니다.",
)

REASON_WORDS: dict[Reason, ReasonText] = {
    Reason.ENTRY: ReasonText("belief", ("the forecast asked for it", "예측에 따른 거래")),
    Reason.STOP: ReasonText("exit", ("a protective stop was hit", "보호 손절 도달")),
    Reason.LIQUIDATION: ReasonText("exit", ("the venue liquidated it", "거래소의 강제 청산")),
    Reason.DAILY_LOSS: ReasonText("exit", ("the daily loss lock closed it", "일일 손실 제한으로 청산")),
    Reason.DRAWDOWN: ReasonText("exit", ("the drawdown lock closed it", "낙폭 제한으로 청산")),
    Reason.NO_FORECAST: ReasonText(
        "belief",
        ("no forecast: warm-up or missing data", "예측 없음: 준비 구간이거나 데이터 없음"),
        (
            "Use a longer history than the strategy's warm-up, or shorter horizons.",
            "전략의 준비 구간보다 긴 기간을 쓰거나 전략의 기간을 줄이십시오.",
        ),
    ),
    Reason.ZERO_FORECAST: ReasonText(
        "belief",
        ("the strategy believed in nothing", "전략이 아무 방향도 믿지 않음"),
        (
            "The strategy saw no opportunity: loosen its thresholds or take another period.",
            "전략이 기회를 찾지 못했습니다. 문턱값을 낮추거나 다른 기간을 쓰십시오.",
        ),
    ),
    Reason.MASKED: ReasonText(
        "data",
        ("the bar is masked by the quality gate", "품질 검사에서 제외된 봉"),
        ("See the data-quality table for what is wrong.", "무엇이 잘못되었는지 데이터 품질 표를 보십시오."),
    ),
    Reason.NO_VOLATILITY: ReasonText(
        "sizing",
        ("volatility is not known yet", "변동성을 아직 모름"),
        (
            "Use a longer history or a shorter sizing.volatility_days.",
            "더 긴 기간을 쓰거나 sizing.volatility_days를 줄이십시오.",
        ),
    ),
    Reason.SHORT_FORBIDDEN: ReasonText(
        "limits",
        ("shorts are not allowed", "공매도가 허용되지 않음"),
        ("Set limits.allow_short if the account may sell short.", "계좌에서 가능하면 limits.allow_short를 켜십시오."),
    ),
    Reason.CLAMPED_WEIGHT: ReasonText(
        "limits", ("reduced to the largest weight allowed", "종목별 최대 비중으로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_GROSS: ReasonText(
        "limits", ("reduced to the largest gross exposure", "최대 총 노출로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_NET: ReasonText(
        "limits", ("reduced to the largest net exposure", "최대 순 노출로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_RISK: ReasonText(
        "limits", ("reduced to the risk allowed per trade", "거래당 허용 위험으로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_LEVERAGE: ReasonText(
        "limits", ("reduced to the leverage or margin left", "가능한 레버리지·증거금으로 축소"), _LIMIT_CURE
    ),
    Reason.BELOW_MIN_NOTIONAL: ReasonText(
        "venue",
        ("it is below the venue's smallest notional", "주문이 거래소 최소 금액보다 작음"),
        (
            "The account is too small for it at this risk: see the affordability table for the capital it needs.",
            "이 위험 수준에는 계좌가 너무 작습니다. 필요한 자본은 거래 가능 종목 표를 보십시오.",
        ),
    ),
    Reason.BELOW_STEP: ReasonText(
        "venue",
        ("it rounds to zero on the venue's step", "주문이 거래소 수량 단위에서 0으로 내림"),
        (
            "The account is too small for it at this risk: see the affordability table for the capital it needs.",
            "이 위험 수준에는 계좌가 너무 작습니다. 필요한 자본은 거래 가능 종목 표를 보십시오.",
        ),
    ),
    Reason.INSIDE_BAND: ReasonText(
        "cost",
        ("the change is not worth its costs", "비용에 비해 변화가 너무 작음"),
        ("Lower sizing.rebalance_band to trade smaller changes.", "sizing.rebalance_band를 낮추면 더 자주 거래합니다."),
    ),
    Reason.COOLING_DOWN: ReasonText(
        "protection",
        ("the instrument rests after a stop", "손절 후 휴식 중"),
        ("Lower stops.cooldown_hours to come back sooner.", "stops.cooldown_hours를 낮추면 더 일찍 재진입합니다."),
    ),
    Reason.LOCKED: ReasonText(
        "protection",
        ("entries are locked by a loss limit", "손실 제한으로 신규 진입 잠김"),
        (
            "The loss limits did their work: see loss.daily and loss.drawdown.",
            "loss.daily와 loss.drawdown이 작동했습니다.",
        ),
    ),
    Reason.NO_VOLUME: ReasonText(
        "market",
        ("too little volume in the bar to fill it all", "봉의 거래량이 부족해 미체결 또는 일부 체결"),
        ("Trade less, or more liquid instruments.", "더 작게, 또는 유동성이 큰 종목을 거래하십시오."),
    ),
    Reason.UNREACHED: ReasonText(
        "market",
        ("the limit or stop price was not reached", "지정가 또는 스톱 가격에 도달하지 않음"),
        ("Lower orders.offset_bps, or use market orders.", "orders.offset_bps를 낮추거나 시장가를 쓰십시오."),
    ),
    Reason.CLAMPED_SECTOR: ReasonText(
        "limits",
        ("reduced to the largest share of one sector", "한 업종의 최대 비중으로 축소"),
        ("Raise limits.max_sector.", "limits.max_sector를 높이십시오."),
    ),
    Reason.LIMIT_LOCKED: ReasonText(
        "market",
        ("the whole bar stood at the day's price limit", "봉 전체가 상한가 또는 하한가에 머묾"),
        (
            "Nobody takes the other side there; see costs.locked_participation.",
            "그 가격에서는 반대편 주문이 없습니다. costs.locked_participation을 보십시오.",
        ),
    ),
    Reason.UNPRINTABLE: ReasonText(
        "market",
        (
            "no price of the bar lies on the tick and within the price limits",
            "호가 단위와 가격제한폭에 맞는 가격이 봉에 없음",
        ),
        (
            "The prices may be adjusted or averaged: `geobuk data check` says so.",
            "수정주가나 평균 가격일 수 있습니다. `geobuk data check`로 확인하십시오.",
        ),
    ),
    Reason.TAKE_PROFIT: ReasonText("exit", ("a rung of the take-profit ladder was reached", "익절 단계 도달")),
    Reason.TIME_STOP: ReasonText("exit", ("it was held for long and had not earned enough", "보유 시간 초과 청산")),
    Reason.CRASH: ReasonText("exit", ("a crash or surge went against it", "급락·급등으로 청산")),
    Reason.SCALED_REGIME: ReasonText(
        "sizing",
        ("made smaller for the market's regime", "시장 국면에 따라 축소"),
        ("See the scales of the regime settings.", "국면 설정의 배율을 보십시오."),
    ),
    Reason.SCALED_CONDITION: ReasonText(
        "sizing",
        ("made smaller while volatility jumps", "변동성 급등으로 축소"),
        ("See conditions.volatility_jump.", "conditions.volatility_jump를 보십시오."),
    ),
    Reason.SCALED_DRAWDOWN: ReasonText(
        "protection",
        ("made smaller because the account is below its peak", "계좌가 고점 아래여서 축소"),
        (
            "Size comes back as equity recovers: see loss.reduce_at.",
            "자산이 회복되면 커집니다. loss.reduce_at을 보십시오.",
        ),
    ),
    Reason.CLAMPED_KELLY: ReasonText(
        "sizing", ("reduced to the allowed fraction of Kelly's stake", "허용된 켈리 비율로 축소"), _LIMIT_CURE
    ),
    Reason.NO_EDGE: ReasonText(
        "sizing",
        ("such forecasts have earned nothing here", "이 종목에서 예측의 우위가 없음"),
        (
            "Kelly's stake is zero without an edge: see kelly.fraction.",
            "우위가 없으면 켈리 비중은 0입니다. kelly.fraction을 보십시오.",
        ),
    ),
    Reason.CLAMPED_LIQUIDITY: ReasonText(
        "limits",
        ("reduced to the share of the day's volume that may be held", "일 거래량 대비 한도로 축소"),
        _LIMIT_CURE,
    ),
    Reason.CLAMPED_BUCKET: ReasonText(
        "limits", ("reduced to what instruments that move together may hold", "상관 묶음 한도로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_REGIME: ReasonText(
        "limits", ("reduced to the gross exposure that the regime allows", "국면별 총 노출 한도로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_VAR: ReasonText(
        "limits", ("reduced to the daily value at risk allowed", "일일 VaR 한도로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_CVAR: ReasonText(
        "limits", ("reduced to the daily expected shortfall allowed", "일일 CVaR 한도로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_LIQUIDATION_DISTANCE: ReasonText(
        "limits", ("reduced to keep liquidation far enough away", "청산 거리 한도로 축소"), _LIMIT_CURE
    ),
    Reason.CLAMPED_LIQUIDATION_PROBABILITY: ReasonText(
        "limits", ("reduced to keep liquidation within a day improbable", "24시간 청산 확률 한도로 축소"), _LIMIT_CURE
    ),
    Reason.TOO_MANY_POSITIONS: ReasonText(
        "limits",
        ("as many positions are held as may be", "보유 종목 수 한도 도달"),
        ("See limits.max_positions.", "limits.max_positions를 보십시오."),
    ),
    Reason.TOO_MANY_ORDERS: ReasonText(
        "limits",
        ("as many orders were placed as one decision may place", "한 번에 낼 수 있는 주문 수 한도 도달"),
        ("See limits.max_orders.", "limits.max_orders를 보십시오."),
    ),
    Reason.REDUCE_ONLY: ReasonText(
        "protection",
        ("the account is so far below its peak that positions may only shrink", "낙폭이 커서 축소만 허용됨"),
        ("See loss.reduce_only_at.", "loss.reduce_only_at을 보십시오."),
    ),
    Reason.DRY_VOLUME: ReasonText(
        "market",
        ("trading in it has dried up", "거래가 말라붙음"),
        ("See conditions.dry_volume.", "conditions.dry_volume을 보십시오."),
    ),
    Reason.CRASHED: ReasonText(
        "market",
        ("its price has crashed or surged", "가격 급락 또는 급등"),
        (
            "Entries wait for calm: see conditions.crash_sigmas.",
            "진정될 때까지 진입하지 않습니다. conditions.crash_sigmas를 보십시오.",
        ),
    ),
    Reason.BARRED_TODAY: ReasonText(
        "protection",
        ("it was left today and may not be bought again before tomorrow", "오늘 청산한 종목은 내일까지 재진입 금지"),
        ("See stops.rebuy.", "stops.rebuy를 보십시오."),
    ),
    Reason.PAUSED: ReasonText(
        "protection",
        ("too many trades lost in a row: entries pause", "연속 손실로 진입 일시 중지"),
        ("See loss.losses_in_row.", "loss.losses_in_row를 보십시오."),
    ),
    Reason.LADDER_TAKEN: ReasonText(
        "protection",
        ("what the take-profit ladder took is not bought back", "익절 단계에서 판 수량은 다시 사지 않음"),
        (
            "It comes back with the next trade: see stops.take_share.",
            "다음 거래에서 회복됩니다. stops.take_share를 보십시오.",
        ),
    ),
    Reason.NOT_FINITE: ReasonText(
        "data",
        ("a number that decides is not finite", "결정에 쓰는 값이 유한하지 않음"),
        ("Look at the data with `geobuk data check`.", "`geobuk data check`로 데이터를 확인하십시오."),
    ),
}
