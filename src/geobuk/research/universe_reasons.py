"""Every limit that an instrument is held against, and what is said when it passes or fails. It ranks nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

from geobuk.research.universe_fit import Fit
from geobuk.research.universe_measures import Measures
from geobuk.research.universe_spec import UniverseSpec
from geobuk.research.universe_words import FORMATS, REMARKS, WORDS, Text, amount


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against an instrument; ``is_veto`` means that it alone refuses it.

    ``value`` and ``limit`` are NaN where there is no number.
    """

    code: str
    value: float
    limit: float
    text: str
    text_ko: str
    is_veto: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that an instrument is judged by; ``fit`` is None without trading rules."""

    measures: Measures
    fit: Fit | None
    quote: str
    capital: float
    spec: UniverseSpec

    @property
    def least_turnover(self) -> float:
        """The limit in the quote currency; 0 where none is set for it."""
        if self.quote.startswith("USD"):
            return self.spec.min_turnover_usd
        return self.spec.min_turnover_krw if self.quote == "KRW" else 0.0


@dataclass(frozen=True, slots=True)
class _Look:
    """``tested`` against ``limit``; ``value`` is what is told."""

    tested: float
    limit: float
    value: float


@dataclass(frozen=True, slots=True)
class _Criterion:
    code: str
    unit: str
    look: Callable[[Case], _Look | None]
    is_least: bool = False
    speaks_for: bool = True


def _plain(tested: float, limit: float) -> _Look:
    return _Look(tested, limit, tested)


def _fit(look: Callable[[Case, Fit], _Look | None]) -> Callable[[Case], _Look | None]:
    return lambda case: None if case.fit is None else look(case, case.fit)


def _affordable(_case: Case, fit: Fit) -> _Look:
    position = fit.position if fit.position > 0.0 else float("nan")
    return _Look(position, fit.smallest_order, position)


def _participation(case: Case, fit: Fit) -> _Look | None:
    turnover = case.measures.liquidity
    return _plain(fit.position / turnover, case.spec.max_participation) if turnover > 0.0 else None


def _history(case: Case) -> _Look | None:
    """Not asked where the first bar is what the age is counted from, which says the same."""
    measures = case.measures
    if measures.age_days == measures.history_days:
        return None
    return _plain(measures.history_days, case.spec.min_age_days)


def _funding(case: Case) -> _Look | None:
    measures = case.measures
    return _Look(abs(measures.funding), case.spec.max_funding, measures.funding) if measures.pays_funding else None


_CRITERIA: tuple[_Criterion, ...] = (
    _Criterion("SILENT", "days", lambda c: _plain(c.measures.silent_days, c.spec.max_silent_days), speaks_for=False),
    _Criterion("AGE", "days", lambda c: _plain(c.measures.age_days, c.spec.min_age_days), is_least=True),
    _Criterion("HISTORY", "days", _history, is_least=True, speaks_for=False),
    _Criterion("TURNOVER", "amount", lambda c: _plain(c.measures.liquidity, c.least_turnover), is_least=True),
    _Criterion("SPREAD", "bps", lambda c: _Look(c.measures.spread_low, c.spec.max_spread, c.measures.spread)),
    _Criterion("TICK", "bps", _fit(lambda c, fit: _plain(fit.tick, c.spec.max_tick))),
    _Criterion("DATA", "share", lambda c: _plain(c.measures.unusable, c.spec.max_unusable)),
    _Criterion("ZERO_VOLUME", "share", lambda c: _plain(c.measures.zero_volume, c.spec.max_zero_volume)),
    _Criterion("VOLATILITY", "share", lambda c: _plain(c.measures.volatility, c.spec.min_volatility), is_least=True),
    _Criterion(
        "TOO_VOLATILE", "share", lambda c: _plain(c.measures.volatility, c.spec.max_volatility), speaks_for=False
    ),
    _Criterion("FUNDING", "share", _funding),
    _Criterion("AFFORDABLE", "amount", _fit(_affordable), is_least=True),
    _Criterion("PARTICIPATION", "share", _fit(_participation), speaks_for=False),
)


def judge(case: Case) -> tuple[list[Reason], list[Reason]]:
    """Reasons for and against, from every limit; one that is only said when it fails speaks for nobody."""
    favour: list[Reason] = []
    against: list[Reason] = []
    if case.fit is None:
        against.append(remark("RULES", is_veto=True))
    for criterion in _CRITERIA:
        look = criterion.look(case)
        if look is None:
            continue
        if isnan(look.tested):
            if criterion.code in REMARKS:
                against.append(remark(criterion.code, is_veto=criterion.code != "FUNDING" or case.spec.needs_funding))
            continue
        is_kept = look.tested >= look.limit if criterion.is_least else look.tested <= look.limit
        if not is_kept:
            against.append(_said(criterion, look, case, is_for=False))
        elif criterion.speaks_for:
            favour.append(_said(criterion, look, case, is_for=True))
    return favour, against


def remark(code: str, *, is_veto: bool, value: float = float("nan"), **extra: str) -> Reason:
    """A reason with one text and no limit."""
    english, korean = (text.format(value=f"{value:g}", **extra) for text in REMARKS[code])
    return Reason(code, value, float("nan"), english, korean, is_veto)


def reason(
    code: str, numbers: tuple[float, float], *, is_for: bool, unit: str = "plain", is_veto: bool = False, **extra: Text
) -> Reason:
    """A reason about ``numbers``, a value and its limit."""
    value, limit = numbers
    shown, most = FORMATS[unit](value), FORMATS[unit](limit)
    english, korean = (
        text.format(value=shown[lang], limit=most[lang], **{name: pair[lang] for name, pair in extra.items()})
        for lang, text in enumerate(WORDS[code][0 if is_for else 1])
    )
    return Reason(code, value, limit, english, korean, is_veto)


def _said(criterion: _Criterion, look: _Look, case: Case, *, is_for: bool) -> Reason:
    extra: dict[str, Text] = {"quote": (case.quote, case.quote), "low": FORMATS["bps"](case.measures.spread_low)}
    if case.fit is not None:
        extra |= {
            "headroom": (f"{case.fit.headroom:.1f}",) * 2,
            "believers": (str(case.fit.believers),) * 2,
            "capital": amount(case.capital),
            "needed": amount(case.fit.capital_needed),
        }
    numbers = (look.value, look.limit)
    return reason(criterion.code, numbers, is_for=is_for, unit=criterion.unit, is_veto=not is_for, **extra)
