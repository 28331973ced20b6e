"""Value at risk and expected shortfall: estimates one period ahead, whose they are, and whether they were right."""

from geobuk.quant.value_at_risk.backtests import (
    LikelihoodRatio,
    TrafficLight,
    Transitions,
    basel_zone,
    conditional_coverage,
    exceedances,
    independence,
    kupiec,
    transitions,
)
from geobuk.quant.value_at_risk.cornish_fisher import (
    Moments,
    cornish_fisher_quantile,
    cornish_fisher_risk,
    cornish_fisher_risk_of,
    moments_of,
)
from geobuk.quant.value_at_risk.ewma import ewma_risk
from geobuk.quant.value_at_risk.filtered_historical import (
    RollingFits,
    filtered_historical_risk,
    filtered_scenarios,
    rolling_filtered_historical,
    rolling_fits,
)
from geobuk.quant.value_at_risk.historical import historical_risk
from geobuk.quant.value_at_risk.normal import normal_risk, normal_risk_of
from geobuk.quant.value_at_risk.peaks_over_threshold import (
    ParetoTail,
    fit_pareto_tail,
    peaks_over_threshold_risk,
    peaks_over_threshold_risk_of,
)
from geobuk.quant.value_at_risk.portfolio import PortfolioRisk, incremental_risk, normal_multiplier, portfolio_risk
from geobuk.quant.value_at_risk.rolling import (
    rolling_cornish_fisher,
    rolling_ewma,
    rolling_historical,
    rolling_normal,
    rolling_student_t,
)
from geobuk.quant.value_at_risk.student_t import student_t_risk, student_t_risk_of
from geobuk.quant.value_at_risk.tail_risk import RollingTailRisk, TailRisk

__all__ = [
    "LikelihoodRatio",
    "Moments",
    "ParetoTail",
    "PortfolioRisk",
    "RollingFits",
    "RollingTailRisk",
    "TailRisk",
    "TrafficLight",
    "Transitions",
    "basel_zone",
    "conditional_coverage",
    "cornish_fisher_quantile",
    "cornish_fisher_risk",
    "cornish_fisher_risk_of",
    "ewma_risk",
    "exceedances",
    "filtered_historical_risk",
    "filtered_scenarios",
    "fit_pareto_tail",
    "historical_risk",
    "incremental_risk",
    "independence",
    "kupiec",
    "moments_of",
    "normal_multiplier",
    "normal_risk",
    "normal_risk_of",
    "peaks_over_threshold_risk",
    "peaks_over_threshold_risk_of",
    "portfolio_risk",
    "rolling_cornish_fisher",
    "rolling_ewma",
    "rolling_filtered_historical",
    "rolling_fits",
    "rolling_historical",
    "rolling_normal",
    "rolling_student_t",
    "student_t_risk",
    "student_t_risk_of",
    "transitions",
]
