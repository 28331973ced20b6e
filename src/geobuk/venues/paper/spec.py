"""What a paper venue is set up with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.domain.errors import SettingsError
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.markets.latency import LatencyModel


def no_delay() -> LatencyModel:
    """Everything arrives at once."""
    return LatencyModel.fixed(0)


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """``name`` is what the venue is called, ``account_name`` its only account, ``deposits`` what is in it at first.

    ``request_latency`` and ``reply_latency`` make the delays to the engine and back. With any delay someone must move
    time while a request is under way: :meth:`PaperVenue.run`, or a rehearsal. ``poll_s`` is how often ``run`` looks.
    """

    name: str = "paper"
    account_name: str = "paper"
    deposits: Mapping[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(100)})
    account: AccountSpec = field(default_factory=AccountSpec)
    engine: EngineSpec = field(default_factory=EngineSpec)
    request_latency: Callable[[], LatencyModel] = no_delay
    reply_latency: Callable[[], LatencyModel] = no_delay
    poll_s: float = 0.01

    def __post_init__(self) -> None:
        if not self.name or not self.account_name:
            raise SettingsError("paper venue: its name or its account's is empty", cure="give both")
        if not 0 < self.poll_s <= 10:
            raise SettingsError(f"paper venue: poll_s {self.poll_s} is not in 0 to 10", cure="0.01 is usual")
        for asset, amount in self.deposits.items():
            if amount < 0:
                raise SettingsError(f"paper venue: a deposit of {amount} {asset}", cure="give 0 or more")
