"""The lines of the gates from evidence made by hand: figures on each side of every limit, and none at all."""

import math

import pytest

from geobuk.research.gate_limits import GateLimits
from geobuk.research.gates import RULES, Evidence, Gates, Measured, Verdict, judge, loosened
from geobuk.research.paper_evidence import PaperEvidence

WORDS = ("as measured", "측정값")


def paper(**changes: object) -> PaperEvidence:
    fields: dict[str, object] = {
        "venue": "binance",
        "strategies": ({"name": "trend", "parameters": {}},),
        "days": 30.0,
        "orders": 1000,
        "fills": 960,
        "fill_rate": 0.96,
        "slippage_bps": 4.0,
        "assumed_slippage_bps": 2.5,
        "post_only_success": 0.71,
    }
    return PaperEvidence(**{**fields, **changes})  # type: ignore[arg-type]


def evidence(figures: dict[str, float | None] | None = None, proof: PaperEvidence | None = None) -> Evidence:
    good: dict[str, float | None] = {
        "walk_forward_sharpe": 1.5,
        "max_drawdown": 0.12,
        "ruin": 0.0099,
        "liquidation": 0.0049,
        "deflated_sharpe": 0.95,
        "overfitting": 0.5,
    }
    return Evidence(
        **{name: Measured(value, WORDS) for name, value in {**good, **(figures or {})}.items()}, paper=proof
    )


def verdicts(gates: Gates) -> dict[str, str]:
    return {line.code: str(line.verdict) for line in gates.lines}


def test_evidence_at_every_limit_passes_where_the_limit_is_allowed() -> None:
    gates = judge(evidence(proof=paper()), GateLimits())
    assert set(verdicts(gates).values()) == {"pass"}
    assert gates.passed is True
    assert [(line.code, line.relation, line.limit) for line in gates.lines] == [
        ("WALK_FORWARD_SHARPE", ">=", 1.5),
        ("MAX_DRAWDOWN", "<=", 0.12),
        ("RUIN", "<", 0.01),
        ("LIQUIDATION", "<", 0.005),
        ("DEFLATED_SHARPE", ">=", 0.95),
        ("OVERFITTING", "<=", 0.5),
        ("PAPER_DAYS", ">=", 30.0),
        ("PAPER_FILL_RATE", ">", 0.95),
        ("PAPER_SLIPPAGE", "<", 5.0),
        ("PAPER_AGREEMENT", "<=", 2.0),
        ("PAPER_POST_ONLY", ">", 0.70),
    ]


@pytest.mark.parametrize(
    ("code", "figures"),
    [
        ("WALK_FORWARD_SHARPE", {"walk_forward_sharpe": 1.4999}),
        ("MAX_DRAWDOWN", {"max_drawdown": 0.1201}),
        ("RUIN", {"ruin": 0.01}),
        ("LIQUIDATION", {"liquidation": 0.005}),
        ("DEFLATED_SHARPE", {"deflated_sharpe": 0.9499}),
        ("OVERFITTING", {"overfitting": 0.5001}),
    ],
)
def test_one_figure_beyond_its_limit_fails_its_line_and_the_whole(code: str, figures: dict[str, float | None]) -> None:
    gates = judge(evidence(figures, paper()), GateLimits())
    assert [name for name, verdict in verdicts(gates).items() if verdict != "pass"] == [code]
    assert verdicts(gates)[code] == "fail"
    assert gates.passed is False


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("PAPER_DAYS", {"days": 29.9}),
        ("PAPER_FILL_RATE", {"fills": 950, "fill_rate": 0.95}),
        ("PAPER_SLIPPAGE", {"slippage_bps": 5.0, "assumed_slippage_bps": 3.5}),
        ("PAPER_AGREEMENT", {"assumed_slippage_bps": 1.9}),
        ("PAPER_POST_ONLY", {"post_only_success": 0.70}),
    ],
)
def test_paper_that_falls_short_fails_its_line(code: str, changes: dict[str, object]) -> None:
    gates = judge(evidence(proof=paper(**changes)), GateLimits())
    assert [name for name, verdict in verdicts(gates).items() if verdict == "fail"] == [code]
    assert gates.passed is False


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["walk_forward_sharpe", "ruin", "max_drawdown", "liquidation", "overfitting"])
def test_a_figure_that_is_not_known_is_no_evidence_and_never_passes(name: str, value: float | None) -> None:
    gates = judge(evidence({name: value}, paper()), GateLimits())
    line = next(line for line in gates.lines if line.verdict is not Verdict.PASS)
    assert (line.verdict, line.value) == (Verdict.NO_EVIDENCE, None)
    assert line.text == "no evidence: as measured"
    assert "증거 없음" in line.text_ko
    assert gates.passed is False


def test_without_a_paper_record_every_paper_line_fails_with_the_words() -> None:
    lines = [line for line in judge(evidence(), GateLimits()).lines if line.code.startswith("PAPER")]
    assert len(lines) == 5
    assert {line.text for line in lines} == {"no evidence: no paper trading is recorded"}
    assert {line.verdict for line in lines} == {Verdict.NO_EVIDENCE}


def test_paper_without_an_order_says_nothing_of_fills() -> None:
    gates = judge(
        evidence(proof=paper(orders=0, fills=0, fill_rate=0.0, slippage_bps=0.0, post_only_success=None)), GateLimits()
    )
    assert [name for name, verdict in verdicts(gates).items() if verdict == "no_evidence"] == [
        "PAPER_FILL_RATE",
        "PAPER_SLIPPAGE",
        "PAPER_AGREEMENT",
        "PAPER_POST_ONLY",
    ]


def test_a_line_that_is_left_out_does_not_pass() -> None:
    gates = judge(evidence(proof=paper()), GateLimits())
    assert Gates(gates.lines[1:]).passed is False
    assert Gates(()).passed is False


def test_limits_below_the_houses_are_named() -> None:
    assert loosened(GateLimits()) == ()
    assert loosened(GateLimits(min_walk_forward_sharpe=2.0, max_drawdown=0.1)) == ()
    assert loosened(GateLimits(min_walk_forward_sharpe=1.0, max_ruin=0.02, ruin_fraction=0.9)) == (
        "min_walk_forward_sharpe",
        "max_ruin",
        "ruin_fraction",
    )


def test_every_line_is_named_and_explained_in_both_languages() -> None:
    for line in judge(evidence(), GateLimits()).lines:
        assert line.name != line.name_ko
        assert line.how
        assert line.how_ko
    assert len({rule.code for rule in RULES}) == len(RULES)
