"""What `geobuk gates` shows: one line a gate with its reason, the windows, the verdict; or one JSON object."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from geobuk.app.gates import GatesRecord
from geobuk.domain.times import at_text
from geobuk.reports.formats import DASH, number, percent
from geobuk.reports.summary import finite_or_null
from geobuk.reports.texts import Language, Text, pick
from geobuk.research.gates import GateLine, Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_SHARES = frozenset(
    {"MAX_DRAWDOWN", "RUIN", "LIQUIDATION", "DEFLATED_SHARPE", "OVERFITTING", "PAPER_FILL_RATE", "PAPER_POST_ONLY"}
)
"""Gates whose figures are fractions."""

_VERDICTS: dict[Verdict, tuple[Text, str]] = {
    Verdict.PASS: (("PASS", "통과"), "green"),
    Verdict.FAIL: (("FAIL", "탈락"), "red"),
    Verdict.NO_EVIDENCE: (("FAIL", "탈락"), "red"),
}

_SAID: dict[str, Text] = {
    "title": ("Gates to LIVE of run {run} · {strategies} · {venue}", "실행 {run}의 LIVE 관문 · {strategies} · {venue}"),
    "gate": ("gate", "관문"),
    "value": ("value", "값"),
    "limit": ("limit", "기준"),
    "verdict": ("", ""),
    "why": ("why", "근거"),
    "tested": ("traded", "거래 구간"),
    "chosen": ("chosen before", "앞서 고른 조합"),
    "own": ("as run", "실행 그대로"),
    "none": ("none traded", "거래한 조합 없음"),
    "train": ("Sharpe then", "그때의 샤프"),
    "test": ("return", "수익률"),
    "passed": ("All gates are passed.", "모든 관문을 통과했습니다."),
    "failed": ("NOT PASSED: {count} of {all} gates fail.", "통과하지 못함: 관문 {all}개 중 {count}개 탈락."),
    "loosened": ("Not as the house asks: {names}", "기본 기준과 다른 설정: {names}"),
    "synthetic": (
        "Synthetic data: whatever the lines say, it proves nothing about a market and never passes.",
        "합성 데이터: 결과가 어떻든 실제 시장에 대해 증명하는 것이 없으며 통과로 보지 않습니다.",
    ),
    "kept": ("Kept in {path}", "저장 위치: {path}"),
}


def as_json(found: GatesRecord, path: Path) -> dict[str, Any]:
    """Plain values; what is not known is null."""
    from msgspec import to_builtins

    plain = to_builtins(found)
    return {"evidence": str(path), **{name: finite_or_null(value) for name, value in plain.items()}}


def show(out: "Console", found: GatesRecord, path: Path, lang: Language) -> None:
    """The lines, the windows, the verdict and where the evidence is."""
    from rich.text import Text as Words

    names = ", ".join(one["name"] for one in found.strategies)
    title = pick(_SAID["title"], lang).format(run=found.run_id, strategies=names, venue=found.venue)
    out.print(Words(title, style="bold"))
    out.print()
    out.print(_lines(found, lang))
    if found.windows:
        out.print()
        out.print(_windows(found, lang))
    out.print()
    failed = sum(line.verdict is not Verdict.PASS for line in found.lines)
    if found.passed:
        out.print(Words(pick(_SAID["passed"], lang), style="bold green"))
    elif failed:
        words = pick(_SAID["failed"], lang).format(count=failed, all=len(found.lines))
        out.print(Words(words, style="bold red"))
    if found.loosened:
        words = pick(_SAID["loosened"], lang).format(names=", ".join(found.loosened))
        out.print(Words(words, style="yellow"))
    if found.is_synthetic:
        out.print(Words(pick(_SAID["synthetic"], lang), style="yellow"))
    out.print(Words(pick(_SAID["kept"], lang).format(path=path), style="dim"), soft_wrap=True)


def _lines(found: GatesRecord, lang: Language) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text as Words

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column(pick(_SAID["verdict"], lang), no_wrap=True)
    for name in ("gate", "value", "limit", "why"):
        justify: Any = "right" if name in {"value", "limit"} else "left"
        table.add_column(pick(_SAID[name], lang), justify=justify, no_wrap=name in {"value", "limit"})
    for line in found.lines:
        word, style = _VERDICTS[line.verdict]
        table.add_row(
            Words(pick(word, lang), style=style),
            pick((line.name, line.name_ko), lang),
            _written(line, line.value),
            f"{line.relation} {_written(line, line.limit)}",
            pick((line.text, line.text_ko), lang),
        )
    return table


def _windows(found: GatesRecord, lang: Language) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    table.add_column(pick(_SAID["tested"], lang), no_wrap=True)
    table.add_column(pick(_SAID["chosen"], lang))
    table.add_column(pick(_SAID["train"], lang), justify="right")
    table.add_column(pick(_SAID["test"], lang), justify="right")
    for one in found.windows:
        chosen = pick(_SAID["none"], lang) if one.chosen is None else one.chosen or pick(_SAID["own"], lang)
        days = f"{at_text(one.test_from_ns)[:10]} – {at_text(one.test_to_ns - 1)[:10]}"
        table.add_row(days, chosen, number(_known(one.train_sharpe)), percent(_known(one.test_return), sign=True))
    return table


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


def _written(line: GateLine, value: float | None) -> str:
    if value is None:
        return DASH
    if line.code in _SHARES:
        return percent(value, 3 if line.code in {"RUIN", "LIQUIDATION"} else 2)
    return number(value, 0 if line.code == "PAPER_DAYS" else 2)
