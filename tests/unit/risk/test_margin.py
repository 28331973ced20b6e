"""Tiers of maintenance margin on the published BTCUSDT table."""

import pytest
from tests.support.markets import brackets
from tests.support.records import term_row

from geobuk.risk.margin import allowed_leverage, maintenance_margin

TERM = term_row(brackets=brackets())


@pytest.mark.parametrize(
    ("notional", "margin"),
    [
        (0.0, 0.0),
        (27_108.435, 108.43374),  # tier 1: 0.4 %
        (299_999.99, 1_199.99996),
        (300_000.0, 1_200.0),  # tier 2 begins: 0.5 % - 300, continuous
        (572_562.81, 2_562.81405),  # the worked example of an isolated long in tier 2
        (800_000.0, 3_700.0),  # 0.65 % - 1500
        (100_000_000.0, 2_018_000.0),  # 5 % - 2982000
        (10_000_000_000.0, 985_518_000.0),  # beyond the table the last tier goes on: 10 % - 14482000
    ],
)
def test_maintenance_margin_by_hand(notional: float, margin: float) -> None:
    assert maintenance_margin(notional, TERM) == pytest.approx(margin, rel=1e-12)


@pytest.mark.parametrize("floor", [300_000.0, 800_000.0, 3e6, 12e6, 70e6, 100e6, 230e6])
def test_maintenance_margin_does_not_jump_between_tiers(floor: float) -> None:
    below, at = maintenance_margin(floor * (1 - 1e-12), TERM), maintenance_margin(floor, TERM)
    assert at == pytest.approx(below, rel=1e-9)


@pytest.mark.parametrize(
    ("notional", "wanted", "allowed"),
    [(1_000.0, 10.0, 10.0), (1_000.0, 125.0, 125.0), (299_999.0, 150.0, 150.0), (300_000.0, 150.0, 100.0)],
)
def test_leverage_is_the_smaller_of_setting_and_tier(notional: float, wanted: float, allowed: float) -> None:
    assert allowed_leverage(notional, TERM, wanted) == allowed


def test_a_huge_position_gets_little_leverage() -> None:
    assert allowed_leverage(300e6, TERM, 20.0) == 5.0
    assert allowed_leverage(0.0, TERM, 3.0) == 3.0
