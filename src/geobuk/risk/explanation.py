"""Why one instrument's target is what it is: the chain of steps with the size after each, and the reasons, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from geobuk.panel import FloatArray
from geobuk.risk.reasons import Reason
from geobuk.risk.trace import Step
from geobuk.risk.words import REASON_WORDS, Text

STEP_WORDS: dict[Step, Text] = {
    Step.FORECAST: ("forecast", "예측"),
    Step.WANTED: ("wanted weight", "희망 비중"),
    Step.REGIME: ("after the regime", "국면 반영"),
    Step.CONDITION: ("after market conditions", "시장 상황 반영"),
    Step.DRAWDOWN: ("after the drawdown stage", "낙폭 단계 반영"),
    Step.KELLY: ("after Kelly's cap", "켈리 한도"),
    Step.WEIGHT: ("after the largest weight", "종목 비중 한도"),
    Step.RISK: ("after risk per trade", "거래당 위험 한도"),
    Step.LIQUIDITY: ("after liquidity", "유동성 한도"),
    Step.PROTECTION: ("after protection", "진입 제한"),
    Step.POSITIONS: ("after the number of positions", "종목 수 한도"),
    Step.SECTOR: ("after the sector", "업종 한도"),
    Step.BUCKET: ("after the correlation bucket", "상관 묶음 한도"),
    Step.GROSS_NET: ("after gross and net exposure", "총·순 노출 한도"),
    Step.REGIME_GROSS: ("after the regime's gross", "국면 총 노출 한도"),
    Step.VAR: ("after value at risk", "VaR 한도"),
    Step.CVAR: ("after expected shortfall", "CVaR 한도"),
    Step.LIQUIDATION_DISTANCE: ("after liquidation distance", "청산 거리 한도"),
    Step.LIQUIDATION_PROBABILITY: ("after liquidation probability", "청산 확률 한도"),
    Step.LEVERAGE: ("after leverage", "레버리지 한도"),
    Step.QUANTITY: ("target quantity", "목표 수량"),
}

_SPOKEN_AT: dict[Reason, Step] = {
    Reason.SCALED_REGIME: Step.REGIME,
    Reason.SCALED_CONDITION: Step.CONDITION,
    Reason.SCALED_DRAWDOWN: Step.DRAWDOWN,
    Reason.CLAMPED_KELLY: Step.KELLY,
    Reason.NO_EDGE: Step.KELLY,
    Reason.CLAMPED_WEIGHT: Step.WEIGHT,
    Reason.CLAMPED_RISK: Step.RISK,
    Reason.CLAMPED_LIQUIDITY: Step.LIQUIDITY,
    Reason.REDUCE_ONLY: Step.PROTECTION,
    Reason.CRASHED: Step.PROTECTION,
    Reason.DRY_VOLUME: Step.PROTECTION,
    Reason.BARRED_TODAY: Step.PROTECTION,
    Reason.PAUSED: Step.PROTECTION,
    Reason.LADDER_TAKEN: Step.PROTECTION,
    Reason.TOO_MANY_POSITIONS: Step.POSITIONS,
    Reason.CLAMPED_SECTOR: Step.SECTOR,
    Reason.CLAMPED_BUCKET: Step.BUCKET,
    Reason.CLAMPED_GROSS: Step.GROSS_NET,
    Reason.CLAMPED_NET: Step.GROSS_NET,
    Reason.CLAMPED_REGIME: Step.REGIME_GROSS,
    Reason.CLAMPED_VAR: Step.VAR,
    Reason.CLAMPED_CVAR: Step.CVAR,
    Reason.CLAMPED_LIQUIDATION_DISTANCE: Step.LIQUIDATION_DISTANCE,
    Reason.CLAMPED_LIQUIDATION_PROBABILITY: Step.LIQUIDATION_PROBABILITY,
    Reason.CLAMPED_LEVERAGE: Step.LEVERAGE,
    Reason.BELOW_STEP: Step.QUANTITY,
    Reason.BELOW_MIN_NOTIONAL: Step.QUANTITY,
    Reason.INSIDE_BAND: Step.QUANTITY,
    Reason.TOO_MANY_ORDERS: Step.QUANTITY,
}
"""Where on the path a reason is given; what is not named here ends it before there is a weight."""


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step: the weight, a signed share of equity, before and after it."""

    step: Step
    before: float
    after: float

    @property
    def is_binding(self) -> bool:
        """Whether the step changed anything."""
        return self.after != self.before


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about one instrument.

    ``target`` and ``held`` in base units; a ``target`` of NaN leaves the position as it is. ``reasons`` are the codes
    that were counted, in the order of the path. ``steps`` end where the path ended.
    """

    instrument: str
    forecast: float
    held: float
    target: float
    price: float
    steps: tuple[ExplainedStep, ...]
    reasons: tuple[Reason, ...]

    @property
    def action(self) -> Text:
        """What comes of it, in words."""
        if self.held == 0.0 and not abs(self.target) > 0.0:
            return ("stay out", "진입하지 않음")
        if isnan(self.target) or self.target == self.held:
            return ("leave the position as it is", "포지션 유지")
        change = self.target - self.held
        if self.target == 0.0:
            return (f"close: {change:+.10g}", f"청산: {change:+.10g}")
        words = ("enlarge", "확대") if abs(self.target) > abs(self.held) else ("reduce", "축소")
        if self.target * self.held < 0.0:
            words = ("turn", "전환")
        elif self.held == 0.0:
            words = ("enter", "진입")
        amount, target = f"{change:+.10g}", f"{self.target:.10g}"
        return (f"{words[0]}: {amount} to {target}", f"{words[1]}: {amount}, 목표 {target}")

    def lines(self, language: str = "en") -> list[str]:
        """The chain as a person reads it, one step a line; steps that changed nothing are left out."""
        at = 1 if language == "ko" else 0
        because = ("because", "이유")[at]
        belief = ("none", "없음")[at] if isnan(self.forecast) else f"{self.forecast:+.3f}"
        told = [f"{STEP_WORDS[Step.FORECAST][at]}: {belief}"]
        for one in self.steps:
            if one.step is Step.WANTED:
                told.append(f"{STEP_WORDS[one.step][at]}: {one.after:+.2%}")
            elif one.step not in {Step.FORECAST, Step.QUANTITY} and one.is_binding:
                told.append(f"{STEP_WORDS[one.step][at]}: {one.before:+.2%} -> {one.after:+.2%}")
        told += [f"{because}: {REASON_WORDS[reason].text[at]} [{reason.name}]" for reason in self.reasons]
        return [*told, self.action[at]]


def explained(
    instrument: str,
    trace: FloatArray,
    counted: Sequence[int],
    *,
    held: float,
    price: float,
) -> Explanation:
    """The explanation that a trace's row (STEPS,) and the reasons counted in that decision amount to."""
    steps, before = [], float(trace[Step.WANTED])
    for step in Step:
        if Step.WANTED <= step < Step.QUANTITY and not isnan(before) and not isnan(trace[step]):
            steps.append(ExplainedStep(step, before, float(trace[step])))
            before = float(trace[step])
    return Explanation(
        instrument=instrument,
        forecast=float(trace[Step.FORECAST]),
        held=held,
        target=float(trace[Step.QUANTITY]),
        price=price,
        steps=tuple(steps),
        reasons=tuple(sorted((Reason(code) for code, count in enumerate(counted) if count), key=_place)),
    )


def _place(reason: Reason) -> tuple[int, int]:
    return int(_SPOKEN_AT.get(reason, Step.FORECAST)), int(reason)
