"""Exposures that respect a floor: constant-proportion insurance and drawdown-constrained growth."""

from geobuk.quant.drawdown_control.cppi import (
    CppiPath,
    CppiSpec,
    CppiState,
    cppi_continuous,
    cppi_exposure,
    cppi_path,
    cppi_step,
    start_cppi,
)
from geobuk.quant.drawdown_control.grossman_zhou import DrawdownExposure, drawdown_exposure

__all__ = [
    "CppiPath",
    "CppiSpec",
    "CppiState",
    "DrawdownExposure",
    "cppi_continuous",
    "cppi_exposure",
    "cppi_path",
    "cppi_step",
    "drawdown_exposure",
    "start_cppi",
]
