"""Any of the models along a series, by one name."""

import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.volatility.egarch import Egarch, egarch_variances
from geobuk.quant.volatility.ewma import Ewma, ewma_variances
from geobuk.quant.volatility.garch import Garch, garch_variances

VolatilityModel = Garch | Egarch | Ewma


def conditional_variances(
    returns: npt.ArrayLike, model: VolatilityModel, first_variance: float | None = None
) -> FloatArray:
    """(T + 1,) variance of each period as it was known before it, by the model's own function.

    See :func:`garch_variances`, :func:`egarch_variances`, :func:`ewma_variances` for the first variance and for errors.
    """
    if isinstance(model, Garch):
        return garch_variances(returns, model, first_variance)
    if isinstance(model, Egarch):
        return egarch_variances(returns, model, first_variance)
    return ewma_variances(returns, model, first_variance)
