"""Rows of the statistics table that describe trading and its costs."""

from geobuk.reports.rows import StatisticRow

TRADING = (
    StatisticRow(
        "trades",
        "count",
        ("Closed trades", "청산된 거래"),
        (
            "Round trips from flat (or flipped) to flat (or flipped).",
            "무포지션(또는 반전)에서 무포지션(또는 반전)까지의 왕복.",
        ),
    ),
    StatisticRow(
        "still_open",
        "count",
        ("Still open at the end", "마지막까지 보유"),
        ("Marked at the last price; not in the rates below.", "마지막 가격으로 평가. 아래 비율에는 넣지 않습니다."),
    ),
    StatisticRow(
        "win_rate",
        "percent",
        ("Win rate", "승률"),
        ("Share of closed trades with a profit above 0 after costs.", "비용 차감 후 이익이 0보다 큰 청산 거래의 비율."),
    ),
    StatisticRow(
        "profit_factor",
        "ratio",
        ("Profit factor", "프로핏 팩터"),
        ("Sum of winning by sum of losing trades, after costs.", "이긴 거래의 합 ÷ 진 거래의 합, 비용 차감 후."),
    ),
    StatisticRow(
        "average_trade",
        "signed_money",
        ("Average trade", "평균 거래 손익"),
        ("Mean profit of a closed trade after costs.", "청산 거래의 비용 차감 후 평균 손익."),
    ),
    StatisticRow(
        "average_win",
        "signed_money",
        ("Average win", "평균 이익"),
        ("Mean of the trades above 0.", "0보다 큰 거래의 평균."),
    ),
    StatisticRow(
        "average_loss",
        "signed_money",
        ("Average loss", "평균 손실"),
        ("Mean of the trades below 0.", "0보다 작은 거래의 평균."),
    ),
    StatisticRow(
        "average_hours",
        "hours",
        ("Average holding time", "평균 보유 시간"),
        ("From the entry bar to the exit bar.", "진입 봉에서 청산 봉까지."),
    ),
    StatisticRow(
        "daily_locks",
        "count",
        ("Days locked by the daily loss", "일일 손실 제한 발동"),
        ("How often the daily loss limit flattened and locked.", "일일 손실 한도로 청산하고 잠근 횟수."),
    ),
)

EXPOSURE = (
    StatisticRow(
        "turnover_per_year",
        "ratio",
        ("Turnover per year", "연 회전율"),
        (
            "Notional of all fills, buys and sells, by mean equity and years.",
            "모든 체결의 명목 금액(매수+매도) ÷ 평균 자산 ÷ 연수.",
        ),
    ),
    StatisticRow(
        "exposure",
        "percent",
        ("Time in the market", "시장 노출 시간"),
        ("Share of bars that close with any position.", "포지션을 보유한 채 마감한 봉의 비율."),
    ),
    StatisticRow(
        "mean_gross_leverage",
        "ratio",
        ("Mean gross leverage", "평균 총 레버리지"),
        ("Mean of gross notional by equity at the close.", "종가 기준 총 명목 금액 ÷ 자산의 평균."),
    ),
    StatisticRow(
        "max_gross_leverage",
        "ratio",
        ("Highest gross leverage", "최고 총 레버리지"),
        ("Largest gross notional by equity at a close.", "종가 기준 총 명목 금액 ÷ 자산의 최댓값."),
    ),
    StatisticRow(
        "mean_net_leverage",
        "ratio",
        ("Mean net leverage", "평균 순 레버리지"),
        (
            "Mean of net notional by equity at the close; below 0 is short.",
            "종가 기준 순 명목 금액 ÷ 자산의 평균. 0보다 작으면 숏.",
        ),
    ),
)

COSTS = (
    StatisticRow("fees", "money", ("Fees", "수수료"), ("Maker and taker fees paid.", "메이커·테이커 수수료.")),
    StatisticRow(
        "slippage",
        "money",
        ("Slippage", "슬리피지"),
        (
            "Spread and impact of all fills against the reference price.",
            "모든 체결의 기준 가격 대비 스프레드와 시장 충격.",
        ),
    ),
    StatisticRow(
        "funding",
        "money",
        ("Funding", "펀딩"),
        ("Funding paid minus received; below 0 it was income.", "낸 펀딩 − 받은 펀딩. 0보다 작으면 수입."),
    ),
    StatisticRow(
        "liquidation_fees",
        "money",
        ("Liquidation fees", "강제 청산 수수료"),
        ("What the venue took for liquidations.", "강제 청산 때 거래소가 가져간 금액."),
    ),
    StatisticRow("total_costs", "money", ("All costs", "총비용"), ("The four above.", "위 네 가지의 합.")),
    StatisticRow(
        "cost_bps",
        "bps",
        ("Costs per traded notional", "거래 금액당 비용"),
        ("All costs by traded notional, in basis points.", "총비용 ÷ 거래 금액, bp 단위."),
    ),
    StatisticRow(
        "profit_before_costs",
        "signed_money",
        ("Profit before costs", "비용 차감 전 손익"),
        ("Net profit plus all costs.", "순손익 + 총비용."),
    ),
)
