"""How often each reason of the decision path was counted, and why a run made no trade."""

from collections.abc import Sequence
from dataclasses import dataclass

from geobuk.reports.caps import CAPS
from geobuk.reports.texts import Text, filled
from geobuk.risk.reasons import Reason
from geobuk.risk.words import REASON_WORDS, STAGES
from geobuk.simulate.result import BacktestResult

_NO_TRADES: Text = (
    (
        "Not one trade was made in {bars} bars. The stage that said no most often: {stage} – {reason}, "
        "{count} times ({share} of all refusals). {cure}"
    ),
    (
        "{bars}개 봉에서 거래가 한 번도 없었습니다. 가장 자주 거절한 단계는 {stage}({reason})로 "
        "{count}번(전체 거절의 {share})입니다. {cure}"
    ),
)
_NO_DECISIONS: Text = (
    (
        "Not one trade was made in {bars} bars, and no stage counted a refusal: no decision was due. "
        "Look at the period and at decide_every."
    ),
    (
        "{bars}개 봉에서 거래가 한 번도 없었고, 거절도 기록되지 않았습니다. 결정할 시점이 없었습니다. 기간과 "
        "decide_every를 확인하십시오."
    ),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason's count; ``mostly`` is the instrument with the largest part, ``share`` of all refusals."""

    reason: Reason
    count: int
    share: float
    mostly: str


def refusals(result: BacktestResult) -> tuple[Refusal, ...]:
    """Every reason that said no, in the order of the path; what only made a wish smaller is told by the caps."""
    return _counted(result, [reason for reason in Reason if reason not in CAPS])


def _counted(result: BacktestResult, reasons: Sequence[Reason]) -> tuple[Refusal, ...]:
    known = [reason for reason in reasons if reason < len(result.refusals)]
    everything = int(result.refusals[known].sum())
    found = []
    for reason in known:
        count = int(result.refusals[reason].sum())
        if count:
            name = result.panel.instruments[int(result.refusals[reason].argmax())]
            found.append(Refusal(reason, count, count / everything, name))
    return tuple(found)


def no_trades_explained(result: BacktestResult) -> Text | None:
    """Why nothing was traded, in both languages; None where something was."""
    if len(result.fills):
        return None
    bars = f"{len(result.panel.at_ns):,}"
    counted = _counted(result, list(Reason))
    if not counted:
        return filled(_NO_DECISIONS, bars=bars)
    top = max(counted, key=lambda refusal: refusal.count)
    words = REASON_WORDS[top.reason]
    return filled(
        _NO_TRADES,
        bars=bars,
        stage=STAGES[words.stage],
        reason=words.text,
        count=f"{top.count:,}",
        share=f"{top.share:.0%}",
        cure=words.cure,
    )
