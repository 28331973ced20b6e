"""The risk controller's arguments as a valid spec: ranges and names are checked, messages name the argument."""

from collections.abc import Mapping
from math import ceil, isfinite
from typing import Any

import msgspec
import numpy as np

from geobuk.domain.errors import SettingsError, UnknownNameError
from geobuk.domain.regime import Regime
from geobuk.risk.exit_settings import require_consistent
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import RegimeScales


def whole_leverage(leverage: float) -> int:
    """The venue's setting is a whole number: the one above, so that the limit itself decides."""
    is_number = isinstance(leverage, int | float | np.number)
    if not (is_number and isfinite(leverage) and 0.0 < leverage <= 125.0):
        raise SettingsError(f"max_leverage {leverage!r} is not allowed", cure="give a number above 0 and up to 125")
    return max(1, ceil(leverage))


def regime_scales(given: Mapping[str, float] | RegimeScales | None) -> RegimeScales:
    """What is given of it as RegimeScales; names as of Regime, in any case, or its members."""
    if given is None:
        return RegimeScales()
    if isinstance(given, RegimeScales):
        return given
    if not isinstance(given, Mapping):
        raise SettingsError(f"regime_caps {given!r} is not a mapping", cure='write {"BEAR": 0.5}')
    caps = {str(getattr(one, "name", one)).upper(): cap for one, cap in given.items()}
    for name in caps:
        if name not in Regime.__members__:
            raise UnknownNameError("regime", name, Regime.__members__)
    return RegimeScales(**{f"max_gross_{name.lower()}": cap for name, cap in caps.items()})


_ARGUMENTS = {
    "account.capital": "initial_capital_usdt",
    "limits.var_daily": "var_daily_pct",
    "limits.cvar_daily": "cvar_daily_pct",
    "loss.drawdown": "max_drawdown_pct",
    "loss.daily": "daily_loss_pct",
    "limits.max_gross": "max_gross_exposure",
    "limits.max_net": "max_net_exposure",
    "limits.max_weight": "max_concentration",
    "limits.max_sector": "max_sector_exposure",
    "kelly.fraction": "kelly_fraction_cap",
    "limits.bucket_correlation": "correlation",
}


def validated(spec: RiskSpec) -> RiskSpec:
    """The spec itself, if every value is finite and in its range; SettingsError names the argument and the cure."""
    plain: dict[str, dict[str, Any]] = msgspec.to_builtins(spec, enc_hook=_plain)
    for group, values in plain.items():
        for name, value in values.items():
            argument = _ARGUMENTS.get(f"{group}.{name}", name)
            if isinstance(value, float) and not isfinite(value):
                raise SettingsError(f"{argument} is {value}", cure="give a finite number")
    require_consistent(spec.stops)
    try:
        return msgspec.convert(plain, RiskSpec)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        path = place.rstrip("`")
        value = plain.get(path.partition(".")[0], {}).get(path.partition(".")[2], "")
        raise SettingsError(
            f"{_ARGUMENTS.get(path, path.rpartition('.')[2])} {value} is not allowed",
            cure=f"{what[:1].lower()}{what[1:]} (fractions, not per cent: 0.02 is 2 %)",
        ) from None


def _plain(value: Any) -> Any:
    """A number of NumPy as Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise SettingsError(f"{value!r} is not a setting", cure="give numbers, names and true or false")
