"""The rolling models of tail risk that fit nothing: (returns, window, confidence) in, a forecast a row out."""

from geobuk.quant.value_at_risk import (
    rolling_cornish_fisher,
    rolling_ewma,
    rolling_historical,
    rolling_normal,
    rolling_student_t,
)

UNFITTED = (rolling_historical, rolling_normal, rolling_student_t, rolling_cornish_fisher, rolling_ewma)
