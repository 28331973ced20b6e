"""Everything that, with the inputs, determines a result."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from geobuk.domain.times import INTERVAL_PATTERN
from geobuk.matching.spec import Costs, Funding, Orders
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import AccountSpec, Conditions, Kelly, Limits, LossLimits, RegimeScales, Sizing, Stops


class BacktestSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a simulation, grouped as the settings file groups them.

    ``decide_every`` is the time between decisions, such as ``4h``, aligned to midnight UTC; empty means every bar.
    """

    account: AccountSpec = AccountSpec()
    sizing: Sizing = Sizing()
    kelly: Kelly = Kelly()
    limits: Limits = Limits()
    conditions: Conditions = Conditions()
    regime: RegimeScales = RegimeScales()
    stops: Stops = Stops()
    loss: LossLimits = LossLimits()
    costs: Costs = Costs()
    funding: Funding = Funding()
    orders: Orders = Orders()
    decide_every: Annotated[str, Meta(pattern=rf"^({INTERVAL_PATTERN})?$")] = ""

    def under(self, risk: RiskSpec) -> "BacktestSpec":
        """The same backtest with the risk room's settings of ``risk``, such as those of a mode.

        >>> from geobuk.risk.profiles import profile
        >>> BacktestSpec().under(profile("live")).limits.var_daily
        0.02
        """
        return replace(self, **{name: getattr(risk, name) for name in RiskSpec.__struct_fields__})
