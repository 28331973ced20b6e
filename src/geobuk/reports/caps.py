"""Which caps and scales held sizes back, and how often: counts of the decision path, apart from its refusals."""

from dataclasses import dataclass

from geobuk.risk.reasons import Reason
from geobuk.simulate.result import BacktestResult

CAPS = (
    Reason.SCALED_REGIME,
    Reason.SCALED_CONDITION,
    Reason.SCALED_DRAWDOWN,
    Reason.CLAMPED_KELLY,
    Reason.CLAMPED_WEIGHT,
    Reason.CLAMPED_RISK,
    Reason.CLAMPED_LIQUIDITY,
    Reason.LADDER_TAKEN,
    Reason.CLAMPED_SECTOR,
    Reason.CLAMPED_BUCKET,
    Reason.CLAMPED_GROSS,
    Reason.CLAMPED_NET,
    Reason.CLAMPED_REGIME,
    Reason.CLAMPED_VAR,
    Reason.CLAMPED_CVAR,
    Reason.CLAMPED_LIQUIDATION_DISTANCE,
    Reason.CLAMPED_LIQUIDATION_PROBABILITY,
    Reason.CLAMPED_LEVERAGE,
)
"""What makes a wish smaller, in the order of the path; every other reason says no to it."""


@dataclass(frozen=True, slots=True)
class BindingCap:
    """How often one cap bound. ``share`` is that of all decisions, each instrument's counted by itself.

    ``instrument`` is the one on which it bound most often, ``on_instrument`` so many times.
    """

    reason: Reason
    count: int
    share: float
    instrument: str
    on_instrument: int


def binding_caps(result: BacktestResult) -> tuple[BindingCap, ...]:
    """Every cap that bound, the most frequent first; those as frequent in the order of the path."""
    decisions = result.decisions * len(result.panel.instruments)
    found = []
    for reason in CAPS:
        counts = result.refusals[reason] if reason < len(result.refusals) else None
        if counts is None or not counts.any():
            continue
        n, count = int(counts.argmax()), int(counts.sum())
        share = min(1.0, count / decisions) if decisions else 0.0
        found.append(BindingCap(reason, count, share, result.panel.instruments[n], int(counts[n])))
    return tuple(sorted(found, key=lambda cap: -cap.count))
