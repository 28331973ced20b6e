"""How `geobuk universe` shows a choice: one JSON object, a table, and the reasons for and against each candidate."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from geobuk.domain.times import at_text, iso_text
from geobuk.reports.formats import DASH, number
from geobuk.reports.summary import finite_or_null
from geobuk.reports.texts import Language, Text, pick
from geobuk.research.universe import Candidate, Universe
from geobuk.research.universe_words import amount

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_WIDE = 100
_SHOWN = 20
"""Names that are listed at most where there is no room for reasons; the JSON object has all."""

_NAMELESS = frozenset({"RULES", "BARS"})
"""Codes that say the same of every name: such names are listed together where nothing else was measured."""

_SAID: dict[str, Text] = {
    "title": ("Universe of {venue} {interval} as known at {at} UTC", "{at} UTC 기준 {venue} {interval} 유니버스"),
    "count": (
        "{chosen} of {all} instruments chosen (at most {most}) · capital {capital} {quote}",
        "{all}종목 중 {chosen}종목 선택 (최대 {most}) · 자본 {capital} {quote}",
    ),
    "refused": ("Not chosen, and why", "선택되지 않은 종목과 이유"),
    "others": ("and {count} more", "외 {count}종목"),
    "more": ("every reason: --explain", "모든 이유: --explain"),
    "paste": ("Use them:", "사용하기:"),
    "points": ("{points} points", "{points}점"),
    "likeness": ("{points} for likeness to those before", "앞선 종목과 닮은 만큼 {points}"),
    "points_column": ("points", "점수"),
    "instrument": ("instrument", "종목"),
    "turnover": ("turnover/day", "거래대금/일"),
    "spread": ("spread", "스프레드"),
    "tick": ("tick", "호가"),
    "volatility": ("vol/year", "변동성"),
    "days": ("days", "일수"),
    "bad": ("bad bars", "불량 봉"),
    "funding": ("funding", "펀딩"),
    "position": ("position", "포지션"),
    "smallest": ("smallest", "최소 주문"),
}


def as_json(universe: Universe) -> dict[str, Any]:
    """Plain values; what is not known is null."""
    from msgspec import to_builtins

    plain = {
        "venue": universe.venue,
        "interval": universe.interval,
        "at": iso_text(universe.at_ns),
        "capital": universe.capital,
        "currency": universe.quote,
        "is_synthetic": universe.is_synthetic,
        "source_hash": universe.source_hash,
        "chosen": list(universe.chosen),
        "notes": [to_builtins(one) for one in universe.notes],
        "candidates": [_candidate(one) for one in universe.candidates],
        "settings": to_builtins(universe.spec),
    }
    return {name: finite_or_null(value) for name, value in plain.items()}


def _candidate(one: Candidate) -> dict[str, Any]:
    from dataclasses import asdict

    plain = asdict(one)
    if one.fit is not None:
        plain["fit"]["headroom"] = one.fit.headroom
    return plain


def show(out: "Console", universe: Universe, lang: Language, *, explain: bool) -> None:
    """The chosen ones as a table; then, briefly or in full, why the others were not."""
    from rich.text import Text as Words

    place = {"venue": universe.venue, "interval": universe.interval, "at": at_text(universe.at_ns)}
    out.print(Words(_said("title", lang).format(**place), style="bold"))
    counts = {"chosen": len(universe.chosen), "all": len(universe.candidates), "most": universe.spec.count}
    capital = {"capital": f"{universe.capital:,.0f}", "quote": universe.quote}
    out.print(Words(_said("count", lang).format(**counts, **capital), style="dim"))
    if universe.chosen:
        out.print()
        out.print(_table(universe, lang, is_wide=out.width >= _WIDE))
    out.print()
    if explain:
        for one in _with_reasons(universe):
            _explain(out, one, lang)
        _show_nameless(out, universe, lang)
    else:
        _show_refused(out, universe, lang)
    for note in universe.notes:
        out.print(Words(f"· {pick((note.text, note.text_ko), lang)}", style="yellow"))
    if universe.chosen:
        words = f"--venue {universe.venue} --interval {universe.interval} --capital {universe.capital:.15g}"
        out.print(Words(_said("paste", lang), style="bold"))
        out.print(
            Words(f"geobuk backtest --strategy trend {words} --instruments {','.join(universe.chosen)}"), soft_wrap=True
        )


class _Column(NamedTuple):
    key: str
    write: Callable[[Candidate, Language], str]
    is_narrow: bool = True
    """Whether it is shown on a narrow terminal too."""


def _measure(write: Callable[[Any], str]) -> Callable[[Candidate, Language], str]:
    return lambda one, _lang: DASH if one.measures is None else write(one.measures)


def _fit(write: Callable[[Any], str]) -> Callable[[Candidate, Language], str]:
    return lambda one, _lang: DASH if one.fit is None else write(one.fit)


def _bps(value: float) -> str:
    text = number(value * 1e4, 1)
    return text if text == DASH else f"{text} bp"


def _percent(value: float, digits: int) -> str:
    text = number(value * 100.0, digits)
    return text if text == DASH else f"{text} %"


_COLUMNS = (
    _Column("turnover", lambda one, lang: DASH if one.measures is None else pick(amount(one.measures.liquidity), lang)),
    _Column("spread", _measure(lambda measures: _bps(measures.spread))),
    _Column("tick", _fit(lambda fit: _bps(fit.tick)), is_narrow=False),
    _Column("volatility", _measure(lambda measures: _percent(measures.volatility, 0))),
    _Column("days", _measure(lambda measures: number(measures.age_days, 0)), is_narrow=False),
    _Column("bad", _measure(lambda measures: _percent(measures.unusable, 2)), is_narrow=False),
    _Column("funding", _measure(lambda measures: _percent(measures.funding, 1) if measures.pays_funding else "")),
    _Column("position", _fit(lambda fit: number(fit.position, 2 if fit.position < 1_000 else 0))),
    _Column("smallest", _fit(lambda fit: number(fit.smallest_order, 2 if fit.smallest_order < 1_000 else 0))),
)


def _table(universe: Universe, lang: Language, *, is_wide: bool) -> "Table":
    from rich.table import Table

    paid = any(one.measures is not None and one.measures.pays_funding for one in universe.candidates)
    columns = [one for one in _COLUMNS if (is_wide or one.is_narrow) and (paid or one.key != "funding")]
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column(_said("instrument", lang), no_wrap=True)
    for name in ("points_column", *(column.key for column in columns)):
        table.add_column(_said(name, lang), justify="right", no_wrap=True)
    for one in universe.candidates:
        if one.is_chosen:
            cells = [column.write(one, lang) for column in columns]
            table.add_row(str(one.rank), one.instrument, f"{one.points - one.taken_off:.0f}", *cells)
    return table


def _with_reasons(universe: Universe) -> Iterator[Candidate]:
    return (one for one in universe.candidates if not _is_nameless(one))


def _is_nameless(one: Candidate) -> bool:
    return bool(one.reasons_against) and one.reasons_against[0].code in _NAMELESS


def _explain(out: "Console", one: Candidate, lang: Language) -> None:
    from rich.padding import Padding
    from rich.text import Text as Words

    mark, style = ("✔", "bold green") if one.is_chosen else ("✘", "bold red" if one.rank is None else "bold yellow")
    rank = "" if one.rank is None else f"{one.rank} "
    head = Words.assemble((f"{mark} {rank}{one.instrument}", style))
    if one.parts:
        parts = " · ".join(f"{part.name} {part.points:.0f}/{part.most:.0f}" for part in one.parts)
        head.append(f"  {_said('points', lang).format(points=f'{one.points:.0f}')}", style="bold")
        if one.taken_off:
            head.append(f" − {_said('likeness', lang).format(points=f'{one.taken_off:.0f}')}")
        head.append(f"  {parts}", style="dim")
    out.print(head)
    for sign, colour, reasons in (("−", "", one.reasons_against), ("+", "green", one.reasons_for)):
        for why in reasons:
            shade = colour or ("red" if why.is_veto else "yellow")
            text = Words.assemble((f"{sign} {why.code}", shade), f" {pick((why.text, why.text_ko), lang)}")
            out.print(Padding(text, (0, 0, 0, 2), expand=False))
    out.print()


def _show_refused(out: "Console", universe: Universe, lang: Language) -> None:
    """One reason for each; names with the very same one share a line."""
    from rich.text import Text as Words

    refused = [one for one in _with_reasons(universe) if not one.is_chosen and one.reasons_against]
    lines: dict[str, list[str]] = {}
    for one in refused:
        why = next((why for why in one.reasons_against if why.is_veto), one.reasons_against[-1])
        lines.setdefault(pick((why.text, why.text_ko), lang), []).append(one.instrument)
    if lines:
        out.print(Words.assemble((_said("refused", lang), "bold"), (f"  ({_said('more', lang)})", "dim")))
    for text, listed in list(lines.items())[:_SHOWN]:
        out.print(Words(f"{_listed(listed, lang)}: {text}"))
    left = sum(len(listed) for listed in list(lines.values())[_SHOWN:])
    if left:
        out.print(Words(_said("others", lang).format(count=left)))
    if lines:
        out.print()
    _show_nameless(out, universe, lang)


def _show_nameless(out: "Console", universe: Universe, lang: Language) -> None:
    from rich.text import Text as Words

    groups: dict[tuple[str, str], list[str]] = {}
    for one in universe.candidates:
        if _is_nameless(one):
            why = one.reasons_against[0]
            groups.setdefault((why.code, pick((why.text, why.text_ko), lang)), []).append(one.instrument)
    for (code, text), listed in groups.items():
        out.print(Words.assemble((f"− {code}", "red"), f" ({len(listed)}) {text}: ", (_listed(listed, lang), "dim")))
    if groups:
        out.print()


def _listed(names: list[str], lang: Language) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown}, {_said('others', lang).format(count=len(names) - _SHOWN)}"


def _said(key: str, lang: Language) -> str:
    return pick(_SAID[key], lang)
