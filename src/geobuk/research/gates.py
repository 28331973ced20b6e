"""The gates to LIVE: evidence in, one line a gate out. What is missing fails; nothing is skipped, or measured here."""

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from geobuk.research.gate_limits import GateLimits
from geobuk.research.gate_words import HOW, NAMES, NO_PAPER, Text, missing
from geobuk.research.paper_evidence import PaperEvidence


class Verdict(StrEnum):
    """NO_EVIDENCE counts as failed: what was not shown was not passed."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NO_EVIDENCE = "no_evidence"


class Measured(NamedTuple):
    """A figure and what must be said of it, in English and Korean; ``value`` None or NaN where there is no evidence."""

    value: float | None
    text: Text


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate. ``relation`` is how the value must stand to the limit; ``how`` says how it was computed."""

    code: str
    name: str
    name_ko: str
    value: float | None
    limit: float
    relation: str
    verdict: Verdict
    text: str
    text_ko: str
    how: str
    how_ko: str


@dataclass(frozen=True, slots=True)
class Gates:
    """Every gate, in the order of :data:`RULES`."""

    lines: tuple[GateLine, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate of the house is there and passed."""
        return tuple(line.code for line in self.lines) == tuple(rule.code for rule in RULES) and all(
            line.verdict is Verdict.PASS for line in self.lines
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured. ``paper`` is None where nothing was recorded; ``no_paper`` then says why.

    ``max_drawdown`` is a positive fraction here, as its limit is.
    """

    walk_forward_sharpe: Measured
    max_drawdown: Measured
    ruin: Measured
    liquidation: Measured
    deflated_sharpe: Measured
    overfitting: Measured
    paper: PaperEvidence | None = None
    no_paper: Text = NO_PAPER


class Rule(NamedTuple):
    """A gate's code, how its value must stand to the limit, and which limit."""

    code: str
    relation: str
    limit: str


RULES = (
    Rule("WALK_FORWARD_SHARPE", ">=", "min_walk_forward_sharpe"),
    Rule("MAX_DRAWDOWN", "<=", "max_drawdown"),
    Rule("RUIN", "<", "max_ruin"),
    Rule("LIQUIDATION", "<", "max_liquidation"),
    Rule("DEFLATED_SHARPE", ">=", "min_deflated_sharpe"),
    Rule("OVERFITTING", "<=", "max_overfitting"),
    Rule("PAPER_DAYS", ">=", "min_paper_days"),
    Rule("PAPER_FILL_RATE", ">", "min_fill_rate"),
    Rule("PAPER_SLIPPAGE", "<", "max_slippage_bps"),
    Rule("PAPER_AGREEMENT", "<=", "max_slippage_excess_bps"),
    Rule("PAPER_POST_ONLY", ">", "min_post_only"),
)
"""Every gate, in the order in which they are shown."""

_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
}


def judge(evidence: Evidence, limits: GateLimits) -> Gates:
    """One line a gate: PASS, FAIL, or NO_EVIDENCE where there is no finite value.

    >>> none = Measured(None, ("too short", "너무 짧습니다"))
    >>> gates = judge(Evidence(none, none, none, none, none, none), GateLimits())
    >>> gates.passed, {str(line.verdict) for line in gates.lines}, gates.lines[0].text
    (False, {'no_evidence'}, 'no evidence: too short')
    """
    measured = (*_of_simulation(evidence), *_of_paper(evidence))
    return Gates(
        tuple(_line(rule, one, getattr(limits, rule.limit)) for rule, one in zip(RULES, measured, strict=True))
    )


def loosened(limits: GateLimits) -> tuple[str, ...]:
    """Names of the limits that ask for less than the house does, and of whatever else is computed in another way."""
    house, relations = GateLimits(), {rule.limit: rule.relation[0] + "=" for rule in RULES}
    return tuple(
        name
        for name in GateLimits.__struct_fields__
        if not _stands(relations.get(name, "=="), getattr(limits, name), getattr(house, name))
    )


def _stands(relation: str, value: float, limit: float) -> bool:
    return _RELATIONS[relation](value, limit)


def _of_simulation(evidence: Evidence) -> Iterator[Measured]:
    yield evidence.walk_forward_sharpe
    yield evidence.max_drawdown
    yield evidence.ruin
    yield evidence.liquidation
    yield evidence.deflated_sharpe
    yield evidence.overfitting


def _of_paper(evidence: Evidence) -> Iterator[Measured]:
    paper = evidence.paper
    if paper is None:
        yield from (Measured(None, evidence.no_paper) for rule in RULES if rule.code.startswith("PAPER"))
        return
    sent = (
        f"{paper.fills:,} of {paper.orders:,} orders were filled",
        f"주문 {paper.orders:,}건 중 {paper.fills:,}건 체결",
    )
    assumed = (
        f"{paper.slippage_bps:.2f} bps on paper, {paper.assumed_slippage_bps:.2f} bps assumed",
        f"모의 {paper.slippage_bps:.2f} bp, 가정 {paper.assumed_slippage_bps:.2f} bp",
    )
    yield Measured(paper.days, (f"{paper.days:g} days of paper trading", f"모의 거래 {paper.days:g}일"))
    yield Measured(paper.fill_rate if paper.orders else None, sent)
    yield Measured(paper.slippage_bps if paper.fills else None, assumed)
    yield Measured(paper.slippage_bps - paper.assumed_slippage_bps if paper.fills else None, assumed)
    yield Measured(
        paper.post_only_success,
        ("share of post-only orders that rested", "지정가(post-only) 주문이 호가에 남은 비율")
        if paper.post_only_success is not None
        else ("no post-only order was sent", "post-only 주문을 보낸 적이 없습니다"),
    )


def _line(rule: Rule, measured: Measured, limit: float) -> GateLine:
    value, text = measured.value, measured.text
    if value is None or not math.isfinite(value):
        value, verdict, text = None, Verdict.NO_EVIDENCE, missing(text)
    else:
        verdict = Verdict.PASS if _stands(rule.relation, value, limit) else Verdict.FAIL
    name, how = NAMES[rule.code], HOW[rule.code]
    return GateLine(rule.code, *name, value, float(limit), rule.relation, verdict, *text, *how)
