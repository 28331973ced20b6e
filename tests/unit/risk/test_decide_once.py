"""One decision asked for in plain Python: the same path as the simulation's, and nothing is decided on nonsense."""

from dataclasses import replace
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.accounts import BTC, SHARE
from tests.support.markets import instrument

from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.times import NS_PER_DAY
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.risk.decide_once import Moment, decided_once
from geobuk.risk.explanation import Explanation
from geobuk.risk.ledger import Ledger
from geobuk.risk.profiles import UNLIMITED, profile
from geobuk.risk.reasons import Reason
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import AccountSpec, Limits, LossLimits, Sizing, Stops
from geobuk.risk.trace import Step

ETH = instrument("ETHUSDT")
BOTH = (BTC, ETH)
PLAIN = RiskSpec(
    account=AccountSpec(leverage=100),
    sizing=Sizing(
        method="volatility", volatility_target=0.2, diversification=1.0, risk_per_trade=0.0, rebalance_band=0.0
    ),
    limits=UNLIMITED.limits,
    conditions=UNLIMITED.conditions,
    stops=UNLIMITED.stops,
    loss=LossLimits(daily=1.0, drawdown=1.0),
)


def moment(**changes: Any) -> Moment:
    given_: dict[str, Any] = {
        "equity": 10_000.0,
        "forecasts": {"BTCUSDT": 1.0, "ETHUSDT": -1.0},
        "prices": {"BTCUSDT": 50_000.0, "ETHUSDT": 2_000.0},
        "annual_volatilities": {"BTCUSDT": 0.5, "ETHUSDT": 0.8},
        "ranges": {"BTCUSDT": 500.0, "ETHUSDT": 40.0},
    }
    return Moment(**{**given_, **changes})


def decided(
    at: Moment, spec: RiskSpec = PLAIN, instruments: Any = BOTH, ledger: Ledger | None = None
) -> dict[str, Explanation]:
    return decided_once(instruments, at, spec, ledger or Ledger.opened(10_000.0, spec.loss, at_ns=0))


def test_a_forecast_becomes_a_quantity_by_its_volatility() -> None:
    found = decided(moment())
    # 0.2 / 0.5 / 2 of 10,000 at 50,000, and 0.2 / 0.8 / 2 at 2,000
    assert found["BTCUSDT"].target == pytest.approx(0.04)
    assert found["ETHUSDT"].target == pytest.approx(-0.625)
    assert found["BTCUSDT"].reasons == ()


def test_a_halved_forecast_wants_half() -> None:
    found = decided(moment(forecasts={"BTCUSDT": 0.5}))["BTCUSDT"]
    assert found.target == pytest.approx(0.04)  # alone it has all of the account
    assert found.steps[0].after == pytest.approx(0.2)


def _limits(**changes: Any) -> RiskSpec:
    from msgspec.structs import replace as changed

    return changed(PLAIN, limits=changed(PLAIN.limits, **changes))


def test_a_covariance_that_moves_more_than_the_volatility_counts() -> None:
    # 4 % a day, where an annual volatility of 0.5 is 2.6 %
    spec = _limits(var_daily=0.005, tail_degrees=0.0)
    at = moment(equity=1e6, covariance=[[0.0016]], forecasts={"BTCUSDT": 1.0})
    found = decided(at, spec, [BTC])["BTCUSDT"]
    assert found.target * 50_000 / 1e6 == pytest.approx(0.005 / (2.3263478740 * 0.04), rel=1e-3)
    assert Reason.CLAMPED_VAR in found.reasons


def test_a_pair_of_which_nothing_is_known_is_a_bucket() -> None:
    spec = _limits(bucket_correlation=0.8, max_bucket=0.2, max_gross=10.0)
    both, matrix = {"BTCUSDT": 1.0, "ETHUSDT": 1.0}, np.array([[9e-4, nan], [nan, 16e-4]])
    found = decided(moment(covariance=matrix, forecasts=both), spec)
    assert 0.18 < sum(one.target * one.price for one in found.values()) / 10_000.0 <= 0.2


def test_value_at_risk_is_cut_to_its_limit_by_numpys_covariance() -> None:
    matrix = np.array([[9e-4, 4e-4], [4e-4, 16e-4]])
    spec = _limits(var_daily=0.005, tail_degrees=0.0)
    found = decided(moment(covariance=matrix), spec)
    weights = np.array([one.target * one.price / 10_000.0 for one in found.values()])
    assert np.sqrt(weights @ matrix @ weights) * 2.3263478740 == pytest.approx(0.005, rel=0.03)  # the step rounds down
    assert all(Reason.CLAMPED_VAR in one.reasons for one in found.values())


def test_without_a_covariance_a_long_and_a_short_do_not_hedge_each_other() -> None:
    spec = _limits(var_daily=0.005, tail_degrees=0.0)
    daily = np.array([0.5, 0.8]) / np.sqrt(365.0)
    weights = np.array([one.target * one.price / 10_000.0 for one in decided(moment(), spec).values()])
    assert np.abs(weights) @ daily * 2.3263478740 == pytest.approx(0.005, rel=0.03)


@pytest.mark.parametrize("equity", [nan, inf, -inf])
def test_nothing_is_decided_on_an_equity_that_is_no_number(equity: float) -> None:
    for one in decided(moment(equity=equity)).values():
        assert isnan(one.target)
        assert one.reasons == (Reason.NOT_FINITE,)


@pytest.mark.parametrize("quantity", [nan, inf])
def test_nothing_is_decided_while_a_position_is_no_number(quantity: float) -> None:
    for one in decided(moment(positions={"ETHUSDT": quantity})).values():
        assert isnan(one.target)
        assert one.reasons == (Reason.NOT_FINITE,)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"forecasts": {"BTCUSDT": nan}}, Reason.NO_FORECAST),
        ({"forecasts": {"BTCUSDT": inf}}, Reason.NOT_FINITE),
        ({"forecasts": {"BTCUSDT": 0.0}}, Reason.ZERO_FORECAST),
        ({"prices": {}}, Reason.NO_FORECAST),
        ({"prices": {"BTCUSDT": -1.0}}, Reason.NOT_FINITE),
        ({"annual_volatilities": {}}, Reason.NO_VOLATILITY),
        ({"annual_volatilities": {"BTCUSDT": nan}}, Reason.NO_VOLATILITY),
        ({"annual_volatilities": {"BTCUSDT": inf}}, Reason.NO_VOLATILITY),
    ],
)
def test_what_is_missing_or_nonsense_wants_nothing(changes: dict[str, Any], reason: Reason) -> None:
    found = (
        decided(moment(**changes), instruments=(BTC,))
        if "forecasts" in changes
        else decided(replace(moment(**changes), forecasts={"BTCUSDT": 1.0}))
    )
    assert found["BTCUSDT"].reasons == (reason,)
    assert not abs(found["BTCUSDT"].target) > 0.0


@pytest.mark.parametrize("hole", [nan, inf])
def test_a_covariance_with_a_hole_falls_back_to_the_sum_of_single_risks(hole: float) -> None:
    spec = _limits(var_daily=0.005, tail_degrees=0.0)
    holed = decided(moment(covariance=np.full((2, 2), hole)), spec)
    assert [one.target for one in holed.values()] == [one.target for one in decided(moment(), spec).values()]


def test_a_drawdown_stage_counts_and_a_halt_only_reduces() -> None:
    spec = RiskSpec(
        **{
            **{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__},
            "loss": LossLimits(daily=1.0, drawdown=0.2),
        }
    )
    ledger = Ledger.opened(10_000.0, spec.loss, at_ns=0)
    ledger.mark(8_600.0, at_ns=1)
    half = decided(moment(), spec, ledger=ledger)["BTCUSDT"]
    assert half.target == pytest.approx(0.025)
    assert half.reasons == (Reason.SCALED_DRAWDOWN,)
    ledger.mark(8_000.0, at_ns=2)
    none = decided(moment(), spec, ledger=ledger)["BTCUSDT"]
    assert none.target == 0.0
    assert Reason.LOCKED in none.reasons
    held = decided(moment(positions={"BTCUSDT": 0.005}), spec, ledger=ledger)["BTCUSDT"]
    assert held.target == pytest.approx(0.005)


def test_a_share_has_a_lower_ceiling_and_no_short() -> None:
    at = Moment(
        equity=10**8,
        forecasts={"005930": 1.0},
        prices={"005930": 70_000.0},
        annual_volatilities={"005930": 0.1},
        ranges={"005930": 500.0},
    )
    spec = RiskSpec(sizing=PLAIN.sizing, limits=Limits(max_share_weight=0.1))
    assert decided(at, spec, (SHARE,))["005930"].target == 142.0
    found = decided(replace(at, forecasts={"005930": -1.0}), spec, (SHARE,))["005930"]
    assert (found.target, found.reasons) == (0.0, (Reason.SHORT_FORBIDDEN,))


@pytest.mark.parametrize(
    ("regime", "scale"), [(None, 1.0), (-1, 1.0), ("BULL", 1.0), ("bear", 0.5), (2, 0.5), ("UNKNOWN", 0.5)]
)
def test_a_regime_may_be_given_by_name_or_code(regime: Any, scale: float) -> None:
    assert decided(moment(regime=regime))["BTCUSDT"].target == pytest.approx(0.04 * scale)


def test_a_stop_that_rests_counts_where_a_position_is_enlarged() -> None:
    spec = RiskSpec(
        **{
            **{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__},
            "sizing": Sizing(risk_per_trade=0.01, rebalance_band=0.0),
            "stops": Stops(atr=2.0),
        }
    )
    near = decided(moment(positions={"BTCUSDT": 0.01}, stops={"BTCUSDT": 49_000.0}), spec)["BTCUSDT"]
    far = decided(moment(positions={"BTCUSDT": 0.01}, stops={"BTCUSDT": 40_000.0}), spec)["BTCUSDT"]
    assert far.target < near.target
    assert Reason.CLAMPED_RISK in far.reasons


def test_what_nobody_asked_about_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"'BTCUSD'.*did you mean BTCUSDT.*forecast would be overlooked"):
        decided(moment(forecasts={"BTCUSD": 1.0}))
    with pytest.raises(UnknownNameError, match=r"'SOLUSDT'.*position would be overlooked"):
        decided(moment(positions={"SOLUSDT": 3.0}))
    assert len(decided(moment(positions={"SOLUSDT": 0.0}, volumes={"SOLUSDT": 1e9}))) == 2
    with pytest.raises(UserError, match="each once"):
        decided(moment(), instruments=(BTC, BTC))
    with pytest.raises(UserError, match="at least one"):
        decided(moment(), instruments=())
    with pytest.raises(UserError, match=r"shape \(1, 1\)"):
        decided(moment(covariance=[[1.0]]))
    with pytest.raises(UserError, match="symmetric"):
        decided(moment(covariance=[[1.0, 0.5], [0.1, 1.0]]))
    with pytest.raises(UnknownNameError, match="'BEER'"):
        decided(moment(regime="BEER"))


NUMBERS = st.floats(-2.0, 2.0) | st.sampled_from([nan, inf, -inf, 0.0, 1e300, 1e-300])


@given(
    st.sampled_from(["paper", "testnet", "staging", "live"]),
    st.lists(NUMBERS, min_size=12, max_size=12),
)
def test_no_nonsense_is_ever_ordered(mode: str, numbers: list[float]) -> None:
    """Whatever comes in, a target is NaN (as it is), or finite, on the step, and within the limits."""
    values = iter(numbers)
    names = ("BTCUSDT", "ETHUSDT")
    at = moment(
        equity=abs(next(values)) * 1e4,
        forecasts={name: next(values) for name in names},
        prices={name: abs(next(values)) * 1e3 for name in names},
        annual_volatilities={name: next(values) for name in names},
        ranges={name: next(values) for name in names},
        volumes={name: next(values) for name in names},
    )
    spec = profile(mode)
    found = decided(at, spec)
    weights = []
    for name, one in found.items():
        assert not np.isinf(one.target)
        if isnan(one.target):
            continue
        weights.append(abs(one.target) * at.prices[name] / at.equity if one.target else 0.0)
    assert all(weight <= spec.limits.max_weight * (1 + 1e-9) for weight in weights)
    assert sum(weights) <= spec.limits.max_gross * (1 + 1e-9)


def test_the_steps_are_those_of_the_path_in_their_order() -> None:
    found = decided(moment(), profile("live"))["BTCUSDT"]
    steps = [one.step for one in found.steps]
    assert steps == sorted(steps)
    assert steps[0] is Step.WANTED
    assert steps[-1] is Step.LEVERAGE
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before.after == after.before


def test_the_equity_of_the_moment_is_judged_by_the_ledger_which_stays_as_it_is() -> None:
    spec = RiskSpec(
        **{
            **{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__},
            "loss": LossLimits(daily=0.03, drawdown=0.2),
        }
    )
    ledger = Ledger.opened(10_000.0, spec.loss, at_ns=0)
    before = ledger.stored()
    lost = decided(replace(moment(), equity=5_000.0), spec, ledger=ledger)["BTCUSDT"]
    assert lost.target == 0.0
    assert Reason.LOCKED in lost.reasons
    assert ledger.stored() == before


def test_a_venue_with_sessions_has_fewer_days_in_a_year() -> None:
    year = TradingYear(sessions=245.0, session_ns=NS_PER_DAY)
    limits = Limits(var_daily=0.01, cvar_daily=0.0)
    spec = RiskSpec(**{**{name: getattr(PLAIN, name) for name in PLAIN.__struct_fields__}, "limits": limits})
    always, sessions = (decided(replace(moment(), year=one), spec)["BTCUSDT"] for one in (ALWAYS_OPEN, year))
    assert sessions.target < always.target
