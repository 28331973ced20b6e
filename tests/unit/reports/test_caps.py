"""Which caps bound, how often and where: apart from refusals, in every view of a result."""

from dataclasses import replace

import numpy as np
import pytest
from tests.support.markets import flat_bars, forecasts_of, instrument, panel_of, spec_of

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import CAPS, binding_caps
from geobuk.reports.html import render_html
from geobuk.reports.page import page_of
from geobuk.reports.reasons import no_trades_explained, refusals
from geobuk.reports.summary import summary
from geobuk.risk.reasons import FILL_REASONS, Reason
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate


def counted(result: BacktestResult, **counts: list[int]) -> BacktestResult:
    table = np.zeros_like(result.refusals)
    for name, row in counts.items():
        table[Reason[name], : len(row)] = row
    return replace(result, refusals=table, decisions=100)


def test_the_most_frequent_comes_first_with_its_share_and_place(report: BacktestReport) -> None:
    result = counted(report.result, CLAMPED_WEIGHT=[3, 7], SCALED_DRAWDOWN=[30, 20], INSIDE_BAND=[500])
    names, decisions = result.panel.instruments, 100 * len(result.panel.instruments)
    assert [(c.reason, c.count, c.share, c.instrument, c.on_instrument) for c in binding_caps(result)] == [
        (Reason.SCALED_DRAWDOWN, 50, 50 / decisions, names[0], 30),
        (Reason.CLAMPED_WEIGHT, 10, 10 / decisions, names[1], 7),
    ]


def test_equally_frequent_caps_stand_in_the_order_of_the_path(report: BacktestReport) -> None:
    result = counted(report.result, CLAMPED_LEVERAGE=[1], CLAMPED_GROSS=[1], CLAMPED_RISK=[1])
    reasons = [cap.reason for cap in binding_caps(result)]
    assert reasons == [Reason.CLAMPED_RISK, Reason.CLAMPED_GROSS, Reason.CLAMPED_LEVERAGE]


def test_without_decisions_or_caps_there_are_none(report: BacktestReport) -> None:
    assert binding_caps(counted(report.result, NO_FORECAST=[9])) == ()
    assert binding_caps(replace(counted(report.result, CLAMPED_VAR=[1]), decisions=0))[0].share == 0.0


def test_every_reason_is_a_fill_s_a_cap_or_a_refusal_and_none_is_two(report: BacktestReport) -> None:
    everything = counted(report.result, **{reason.name: [1] for reason in Reason})
    refused = {one.reason for one in refusals(everything)}
    assert refused & set(CAPS) == set()
    assert set(Reason) == refused | set(CAPS)
    assert len(set(CAPS)) == len(CAPS)
    assert not set(CAPS) & set(FILL_REASONS)
    assert {reason for reason in Reason if reason.name.startswith(("CLAMPED", "SCALED"))} <= set(CAPS)


def test_a_run_in_which_only_caps_spoke_is_explained_by_them(report_without_trades: BacktestReport) -> None:
    explained = no_trades_explained(counted(report_without_trades.result, CLAMPED_KELLY=[5]))
    assert explained is not None
    assert "Kelly" in explained[0]


def test_json_holds_them_by_name(report: BacktestReport) -> None:
    result = counted(report.result, CLAMPED_WEIGHT=[3, 7])
    assert summary(replace(report, result=result))["binding_caps"] == [
        {
            "reason": "clamped_weight",
            "count": 10,
            "share": 10 / (100 * len(result.panel.instruments)),
            "instrument": result.panel.instruments[1],
            "on_instrument": 7,
        }
    ]


def test_the_page_lists_them_apart_from_refusals(report: BacktestReport) -> None:
    result = counted(report.result, CLAMPED_WEIGHT=[3, 7], SCALED_DRAWDOWN=[30, 20], INSIDE_BAND=[500])
    page = page_of(replace(report, result=result))
    assert [(cap["count"], cap["meter"]) for cap in page.caps] == [("50", 100), ("10", 20)]
    assert [one["count"] for one in page.refusals] == ["500"]
    html = render_html(replace(report, result=result))
    section = html[html.index('id="caps"') :]
    section = section[: section.index("</section>")]
    assert "What held sizes back" in section
    assert "크기를 줄인 한도" in section
    assert "reduced to the largest weight allowed" in section
    assert "not worth its costs" not in section


def test_the_page_says_where_no_cap_bound(report: BacktestReport) -> None:
    html = render_html(replace(report, result=counted(report.result, INSIDE_BAND=[1])))
    assert "No cap bound" in html


@pytest.mark.parametrize(("weight", "bound"), [(0.5, 6), (1.0, 0)])
def test_a_run_counts_each_decision_on_which_the_cap_bound(weight: float, bound: int) -> None:
    panel = panel_of(flat_bars(100.0, 6))
    spec = spec_of(limits={"max_weight": weight})
    caps = binding_caps(simulate(panel, forecasts_of([0.8] * 6), [instrument()], spec))
    assert [(cap.reason, cap.count, cap.share) for cap in caps] == ([(Reason.CLAMPED_WEIGHT, 6, 1.0)] if bound else [])
