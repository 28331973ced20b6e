"""What paper trading has shown, as it is recorded: one JSON object. Knows no file and no venue."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from geobuk.domain.errors import DataError

_ROUNDING = 0.005


class PaperEvidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a strategy did on paper.

    ``venue`` and ``strategies`` (name and parameters of each, as in a run's record) say whose evidence it is. ``days``
    of trading; ``orders`` sent and ``fills`` of them, orders each, filled in full; ``fill_rate`` the share.
    ``slippage_bps`` is the mean cost against the price at the decision, positive = paid; ``assumed_slippage_bps`` what
    the simulation assumed for the same orders. ``post_only_success`` is the share of post-only orders that rested, None
    where none was sent.
    """

    venue: str
    strategies: tuple[dict[str, Any], ...]
    days: Annotated[float, Meta(ge=0, le=100_000)]
    orders: Annotated[int, Meta(ge=0)]
    fills: Annotated[int, Meta(ge=0)]
    fill_rate: Annotated[float, Meta(ge=0, le=1)]
    slippage_bps: Annotated[float, Meta(ge=-10_000, le=10_000)]
    assumed_slippage_bps: Annotated[float, Meta(ge=-10_000, le=10_000)]
    post_only_success: Annotated[float, Meta(ge=0, le=1)] | None = None


def paper_evidence(text: bytes) -> PaperEvidence:
    """The record, checked.

    Raises
    ------
    DataError : no such object, a value out of its range, more fills than orders, a fill rate that is not their share.
    """
    try:
        found = msgspec.json.decode(text, type=PaperEvidence)
    except msgspec.MsgspecError as error:
        raise DataError(f"the paper record can't be read ({error})", cure="see docs/gates.md for its form") from None
    if found.fills > found.orders:
        raise DataError(f"the paper record has {found.fills} fills of {found.orders} orders", cure="count orders")
    if found.orders and abs(found.fill_rate - found.fills / found.orders) > _ROUNDING:
        raise DataError(
            f"the paper record says fill_rate {found.fill_rate:g}, but {found.fills} of {found.orders} orders",
            cure="make them agree",
        )
    return found
