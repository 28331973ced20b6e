"""What the gates say, in English and Korean: code -> (English, Korean). It decides nothing."""

Text = tuple[str, str]

NAMES: dict[str, Text] = {
    "WALK_FORWARD_SHARPE": ("walk-forward Sharpe", "워크포워드 샤프"),
    "MAX_DRAWDOWN": ("maximum drawdown", "최대 낙폭"),
    "RUIN": ("probability of ruin", "파산 확률"),
    "LIQUIDATION": ("24-hour liquidation", "24시간 청산 확률"),
    "DEFLATED_SHARPE": ("deflated Sharpe", "보정 샤프 확률"),
    "OVERFITTING": ("over-fitting", "과적합 확률"),
    "PAPER_DAYS": ("paper trading, days", "모의 거래 일수"),
    "PAPER_FILL_RATE": ("paper fill rate", "모의 체결률"),
    "PAPER_SLIPPAGE": ("paper slippage, bps", "모의 슬리피지, bp"),
    "PAPER_AGREEMENT": ("slippage above assumed, bps", "가정보다 큰 슬리피지, bp"),
    "PAPER_POST_ONLY": ("post-only success", "post-only 성공률"),
}

_PAPER: Text = ("from store/paper/evidence.json", "store/paper/evidence.json의 기록")

HOW: dict[str, Text] = {
    "WALK_FORWARD_SHARPE": (
        "sets chosen by the training windows, one account through the test windows, annual from daily returns",
        "학습 구간에서 매개변수를 고르고, 한 계좌로 검증 구간을 이어 거래한 일별 수익률의 연율 샤프",
    ),
    "MAX_DRAWDOWN": (
        "on every bar's close, the deeper of the run and of the walk-forward",
        "모든 봉의 종가 기준, 실행과 워크포워드 중 더 깊은 쪽",
    ),
    "RUIN": (
        "a year of days drawn in blocks from the run's own days; only what has happened can happen",
        "실행의 일별 수익률을 블록 단위로 뽑아 만든 1년; 과거에 없던 손실은 나오지 않음",
    ),
    "LIQUIDATION": (
        "largest over the days of largest exposure and the last: normal, Student t and simulated, trailing covariance",
        "노출이 가장 큰 날들과 마지막 날 중 최댓값: 정규, 스튜던트 t, 시뮬레이션, 직전 기간 공분산",
    ),
    "DEFLATED_SHARPE": (
        "probability that the run's Sharpe ratio is above the best that so many trials show by luck",
        "그만큼 시도하면 운으로 나올 최고 샤프보다 실행의 샤프가 높을 확률",
    ),
    "OVERFITTING": (
        "share of splits in which the best set of one half is in the lower half of the other (CSCV)",
        "절반에서 가장 좋은 매개변수가 나머지 절반에서 하위인 비율(CSCV)",
    ),
    "PAPER_DAYS": _PAPER,
    "PAPER_FILL_RATE": _PAPER,
    "PAPER_SLIPPAGE": _PAPER,
    "PAPER_AGREEMENT": _PAPER,
    "PAPER_POST_ONLY": _PAPER,
}


def missing(text: Text) -> Text:
    """Why there is no evidence, with the words that say so."""
    return f"no evidence: {text[0]}", f"증거 없음(no evidence): {text[1]}"


NO_PAPER: Text = ("no paper trading is recorded", "모의 거래 기록이 없습니다")
NEVER_TRADED: Text = ("the run never traded", "거래가 한 번도 없었습니다")
WARMUP_TOO_LONG: Text = (
    "the warm-up, or the gap that its decisions need, does not fit into a training window: raise gates.train_days",
    "준비 기간이 학습 구간보다 깁니다: gates.train_days를 늘리십시오",
)
CASH_ACCOUNT: Text = ("a cash account: nothing is borrowed", "현금 계좌: 빌린 것이 없습니다")


def too_short(days: int, needed: int) -> Text:
    """A history that can't say."""
    return f"{days:,} days of history, {needed:,} are needed", f"기록 {days:,}일, 필요한 기록 {needed:,}일"
