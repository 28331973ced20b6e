"""Rows of the statistics table that describe the equity path: return, reward for risk, risk."""

from geobuk.reports.rows import StatisticRow

RETURN = (
    StatisticRow(
        "total_return",
        "signed_percent",
        ("Total return", "총수익률"),
        ("Final equity by capital, minus 1.", "최종 자산 ÷ 자본 − 1."),
    ),
    StatisticRow(
        "cagr",
        "signed_percent",
        ("Growth per year (CAGR)", "연평균 성장률(CAGR)"),
        (
            "Product of (1 + return), to the power of {per_year} / {period_plural}, minus 1; exaggerated if short.",
            "(1 + 수익률)의 곱을 {per_year}/{period}수로 거듭제곱한 뒤 1을 뺀 값. 기간이 짧으면 과장됩니다.",
        ),
    ),
    StatisticRow(
        "profit",
        "signed_money",
        ("Profit", "손익"),
        ("Final equity minus capital, after all costs.", "모든 비용을 뺀 최종 자산 − 자본."),
    ),
    StatisticRow(
        "best_period",
        "signed_percent",
        ("Best {period}", "최고 {period_returns} 수익률"),
        ("Largest return of one {period}.", "가장 큰 {period_returns} 수익률."),
    ),
    StatisticRow(
        "worst_period",
        "signed_percent",
        ("Worst {period}", "최저 {period_returns} 수익률"),
        ("Smallest return of one {period}.", "가장 작은 {period_returns} 수익률."),
    ),
    StatisticRow(
        "positive_periods",
        "percent",
        ("Winning {period_plural}", "{period_returns} 수익률이 양(+)인 비율"),
        ("Share of {period_plural} with a return above 0.", "수익률이 0보다 큰 {period}의 비율."),
    ),
)

RISK = (
    StatisticRow(
        "volatility",
        "percent",
        ("Volatility per year", "연 변동성"),
        (
            "Standard deviation (n − 1) of {period_returns} returns times √{per_year}.",
            "{period_returns} 수익률의 표준편차(n − 1) × √{per_year}.",
        ),
    ),
    StatisticRow(
        "max_drawdown",
        "signed_percent",
        ("Deepest drawdown", "최대 낙폭"),
        (
            "Largest fall below the running peak, on every bar's close; the capital counts as the first peak.",
            "모든 봉 종가에서 직전 고점 대비 가장 큰 하락. 자본을 첫 고점으로 봅니다.",
        ),
    ),
    StatisticRow(
        "peak_at_ns",
        "day",
        ("… from its peak on", "… 고점 날짜"),
        ("The last close at the old peak, UTC.", "이전 고점의 마지막 종가, UTC."),
    ),
    StatisticRow(
        "trough_at_ns",
        "day",
        ("… to its trough on", "… 저점 날짜"),
        ("The close at the deepest point, UTC.", "가장 깊은 종가, UTC."),
    ),
    StatisticRow(
        "recovered_at_ns",
        "day",
        ("… recovered on", "… 회복 날짜"),
        (
            "First close back at the old peak; a dash where it never came.",
            "이전 고점을 회복한 첫 종가. 회복하지 못했으면 –.",
        ),
    ),
    StatisticRow(
        "longest_drawdown_days",
        "days",
        ("Longest drawdown", "가장 긴 낙폭 기간"),
        (
            "Longest time from a peak until it was reached again; an unfinished one counts up to the end.",
            "고점에서 그 고점을 회복하기까지 가장 긴 기간. 끝나지 않았으면 마지막까지 셉니다.",
        ),
    ),
    StatisticRow(
        "ulcer",
        "percent",
        ("Ulcer index", "얼서 지수(Ulcer)"),
        (
            "Root of the mean squared drawdown over all bars (divisor n).",
            "모든 봉에서 낙폭 제곱 평균의 제곱근(n으로 나눔).",
        ),
    ),
    StatisticRow(
        "value_at_risk_95",
        "percent",
        ("Value at risk 95 %, {period_returns}", "VaR 95 %, {period_returns}"),
        (
            "Loss exceeded in 5 % of {period_plural}: minus the quantile (historical, type 7). Positive = loss.",
            "확률 5 %로 초과되는 손실. 과거 분위수(type 7)의 음수. 양수 = 손실.",
        ),
    ),
    StatisticRow(
        "value_at_risk_99",
        "percent",
        ("Value at risk 99 %, {period_returns}", "VaR 99 %, {period_returns}"),
        (
            "Loss exceeded in 1 % of {period_plural}: minus the quantile (historical, type 7). Positive = loss.",
            "확률 1 %로 초과되는 손실. 과거 분위수(type 7)의 음수. 양수 = 손실.",
        ),
    ),
    StatisticRow(
        "expected_shortfall_95",
        "percent",
        ("Expected shortfall 95 %, {period_returns}", "CVaR 95 %, {period_returns}"),
        (
            "CVaR: mean loss of the worst 5 %, the last one weighted by its fraction (Rockafellar & Uryasev).",
            "CVaR: 최악 5 %의 평균 손실. 경계의 한 값은 분수로 가중(Rockafellar & Uryasev).",
        ),
    ),
    StatisticRow(
        "expected_shortfall_99",
        "percent",
        ("Expected shortfall 99 %, {period_returns}", "CVaR 99 %, {period_returns}"),
        (
            "CVaR: mean loss of the worst 1 %, the last one weighted by its fraction (Rockafellar & Uryasev).",
            "CVaR: 최악 1 %의 평균 손실. 경계의 한 값은 분수로 가중(Rockafellar & Uryasev).",
        ),
    ),
    StatisticRow(
        "tail_ratio",
        "ratio",
        ("Tail ratio", "꼬리 비율"),
        ("Size of the 95 % quantile by that of the 5 % quantile.", "95 % 분위수의 크기 ÷ 5 % 분위수의 크기."),
    ),
    StatisticRow(
        "skewness",
        "ratio",
        ("Skewness", "왜도"),
        (
            "Third standardised moment; below 0 the bad {period_plural} are the larger ones.",
            "3차 표준 적률. 0보다 작으면 나쁜 쪽이 더 큽니다.",
        ),
    ),
    StatisticRow(
        "excess_kurtosis",
        "ratio",
        ("Excess kurtosis", "초과 첨도"),
        (
            "Fourth standardised moment minus 3; above 0 the tails are fatter than normal.",
            "4차 표준 적률 − 3. 0보다 크면 꼬리가 정규분포보다 두껍습니다.",
        ),
    ),
)

REWARD = (
    StatisticRow(
        "sharpe",
        "ratio",
        ("Sharpe ratio", "샤프 비율"),
        (
            "Mean {period_returns} return by its standard deviation (n − 1) times √{per_year}; no risk-free rate.",
            "{period_returns} 수익률 평균 ÷ 표준편차(n − 1) × √{per_year}. 무위험 이자율은 0.",
        ),
    ),
    StatisticRow(
        "sharpe_error",
        "ratio",
        ("… its standard error", "… 표준오차"),
        (
            "√((1 + SR² / 2) / n) for independent returns (Lo 2002), annualised. Within two of 0 it proves nothing.",
            "독립 수익률에 대한 √((1 + SR² / 2) / n) (Lo 2002), 연율화. 표준오차 두 배 안이면 증거가 못 됩니다.",
        ),
    ),
    StatisticRow(
        "probabilistic_sharpe",
        "percent",
        ("Probability of a Sharpe above 0", "샤프 > 0일 확률"),
        (
            "With skewness and kurtosis (Bailey & López de Prado 2012). It does not know how many variants were tried.",
            "왜도와 첨도 반영(Bailey & López de Prado 2012). 시도한 변형의 수는 반영하지 않습니다.",
        ),
    ),
    StatisticRow(
        "track_record_years",
        "ratio",
        ("Years of record needed", "필요한 기록 기간(년)"),
        (
            "Years of such returns that show a Sharpe above 0 with 95 % confidence (Bailey & López de Prado 2012).",
            "이런 수익률로 샤프 > 0을 95 % 신뢰도로 보이는 데 필요한 햇수(Bailey & López de Prado 2012).",
        ),
    ),
    StatisticRow(
        "sortino",
        "ratio",
        ("Sortino ratio", "소르티노 비율"),
        (
            "Mean {period_returns} return by the downside deviation below 0 over all n, times √{per_year}.",
            "{period_returns} 수익률 평균 ÷ 0 아래 하방 편차(전체 n) × √{per_year}.",
        ),
    ),
    StatisticRow(
        "calmar",
        "ratio",
        ("Calmar ratio", "칼마 비율"),
        ("Growth per year by the deepest drawdown, whole period.", "연평균 성장률 ÷ 최대 낙폭, 전체 기간."),
    ),
    StatisticRow(
        "martin",
        "ratio",
        ("Martin ratio", "마틴 비율"),
        ("Growth per year by the ulcer index.", "연평균 성장률 ÷ 얼서 지수(Ulcer)."),
    ),
    StatisticRow(
        "omega",
        "ratio",
        ("Omega ratio", "오메가 비율"),
        (
            "Sum of gains by sum of losses of the {period_plural}, threshold 0.",
            "{period_returns} 이익의 합 ÷ 손실의 합, 기준 0.",
        ),
    ),
)
