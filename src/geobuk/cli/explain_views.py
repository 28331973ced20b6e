"""How `geobuk explain` shows decisions: one JSON object, the chain of one instrument, or a table of all."""

from math import isnan
from typing import TYPE_CHECKING, Any

from geobuk.app.explain import ExplainedRun
from geobuk.app.rerun import CHANGES
from geobuk.domain.times import iso_text
from geobuk.reports.formats import DASH, number, percent
from geobuk.reports.summary import finite_or_null
from geobuk.reports.texts import Language, Text, pick
from geobuk.risk.explanation import STEP_WORDS
from geobuk.risk.reasons import Reason
from geobuk.risk.trace import Step
from geobuk.risk.words import REASON_WORDS
from geobuk.simulate.explained import AccountThen, DecisionExplained

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SAID: dict[str, Text] = {
    "run": ("run {run}", "실행 {run}"),
    "synthetic": ("SYNTHETIC DATA", "합성 데이터"),
    "changed": (
        "NOT AS IT WAS RUN: {what} changed since; this is what happens now",
        "당시와 다름: {what} 변경됨. 현재 기준의 설명입니다",
    ),
    "instrument": ("instrument", "종목"),
    "caps": ("after caps", "한도 반영"),
    "held": ("held", "보유"),
    "target": ("target", "목표"),
    "reasons": ("reasons", "이유"),
}


def as_json(found: ExplainedRun, instrument: str) -> dict[str, Any]:
    """Plain values; what is not known is null. Texts are in both languages."""
    row = found.row
    chosen = [row.of(instrument)] if instrument else row.decisions
    plain = {
        "run_id": found.run_id,
        "is_synthetic": found.is_synthetic,
        "changed": list(found.changed),
        "account": _account(row.account),
        "decisions": [_decision(one) for one in chosen],
    }
    return {name: finite_or_null(value) for name, value in plain.items()}


def _account(account: AccountThen) -> dict[str, Any]:
    return {
        "bar": account.row,
        "asked_at": iso_text(account.asked_ns),
        "bar_opened_at": iso_text(account.opened_ns),
        "decided_at": iso_text(account.decided_ns),
        "equity": account.equity,
        "peak": account.peak,
        "regime": account.regime_name[0] if account.regime_name else None,
        "lock": account.lock.name.lower(),
        "size_scale": account.size_scale,
        "is_reduce_only": account.is_reduce_only,
        "paused_until": iso_text(account.paused_until_ns) if account.paused_until_ns else None,
        "delay_bars": account.delay_bars,
    }


def _decision(one: DecisionExplained) -> dict[str, Any]:
    told, order = one.explanation, one.order
    return {
        "instrument": one.instrument,
        "forecast": told.forecast,
        "parts": one.parts,
        "price": told.price,
        "held": told.held,
        "target": told.target,
        "steps": [
            {"step": step.step.name.lower(), "before": step.before, "after": step.after, "is_binding": step.is_binding}
            for step in told.steps
        ],
        "reasons": [_reason(reason) for reason in told.reasons],
        "outcome": one.outcome[0],
        "outcome_ko": one.outcome[1],
        "order": order
        and {
            "kind": order.kind.name.lower(),
            "quantity": order.quantity,
            "price": order.price,
            "reason": order.reason.name.lower(),
            "is_older": order.is_older,
        },
        "fills": [
            {
                "at": iso_text(fill.at_ns),
                "quantity": fill.quantity,
                "price": fill.price,
                "fee": fill.fee,
                "reason": fill.reason.name.lower(),
                "is_maker": fill.is_maker,
            }
            for fill in one.fills
        ],
        "reasons_after": [_reason(reason) for reason in one.reasons_after],
        "until": iso_text(one.until_ns),
        "lines": one.lines("en"),
        "lines_ko": one.lines("ko"),
    }


def _reason(reason: Reason) -> dict[str, str]:
    english, korean = REASON_WORDS[reason].text
    return {"code": reason.name, "text": english, "text_ko": korean}


def show(out: "Console", found: ExplainedRun, instrument: str, lang: Language) -> None:
    """The chain of one instrument, or a table of all."""
    from rich.text import Text as Words

    head = Words(_said("run", lang).format(run=found.run_id), style="dim")
    if found.is_synthetic:
        head.append(" ").append(f" {_said('synthetic', lang)} ", style="bold reverse yellow")
    out.print(head)
    if found.changed:
        what = ", ".join(pick(CHANGES[key], lang) for key in found.changed)
        out.print(Words(_said("changed", lang).format(what=what), style="bold red"))
    if instrument:
        _show_chain(out, found.row.of(instrument), lang)
        return
    for line in found.row.account.lines(lang):
        out.print(Words(line))
    out.print()
    out.print(_table(found.row.decisions, lang))


def _show_chain(out: "Console", one: DecisionExplained, lang: Language) -> None:
    from rich.padding import Padding
    from rich.text import Text as Words

    first, *account = one.account.lines(lang)
    out.print(Words.assemble((one.instrument, "bold"), f"  {first}"))
    for line in account:
        out.print(Padding(Words(line, style="dim"), (0, 0, 0, 2), expand=False))
    for lines in (one.chain(lang), one.aftermath(lang)):
        out.print()
        for line in lines:
            out.print(Padding(Words(line), (0, 0, 0, 2), expand=False))


def _table(decisions: tuple[DecisionExplained, ...], lang: Language) -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(_said("instrument", lang), no_wrap=True)
    forecast, wanted = (pick(STEP_WORDS[step], lang) for step in (Step.FORECAST, Step.WANTED))
    for title in (forecast, wanted, _said("caps", lang), _said("held", lang), _said("target", lang)):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(_said("reasons", lang))
    for one in decisions:
        told = one.explanation
        weights = (told.steps[0].after, told.steps[-1].after) if told.steps else (float("nan"),) * 2
        table.add_row(
            one.instrument,
            number(told.forecast, 3, sign=True),
            *(percent(weight, sign=True) for weight in weights),
            _quantity(told.held),
            _quantity(told.held if isnan(told.target) else told.target),
            ", ".join(reason.name for reason in told.reasons),
        )
    return table


def _quantity(value: float) -> str:
    return DASH if isnan(value) else f"{value:g}"


def _said(key: str, lang: Language) -> str:
    return pick(_SAID[key], lang)
