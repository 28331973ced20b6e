"""The risk controller: its published interface, each limit on both sides, and what it makes of a drawdown."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from inspect import signature
from math import inf, isfinite, isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from scipy.stats import t as student
from tests.support.accounts import BTC, SHARE, account, books

from geobuk import PortfolioState, RiskController
from geobuk.domain.errors import SettingsError, UnknownNameError, UserError
from geobuk.domain.regime import Regime
from geobuk.risk.decide_once import Moment
from geobuk.risk.loss_locks import Lock
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import Kelly, Limits, RegimeScales, Sizing, Stops
from geobuk.risk.stake import TradePlan

TAIL = student.ppf(0.99, 5) * np.sqrt(3 / 5)
"""Standard deviations of a 99 % loss under a Student t of 5 degrees, scaled to variance 1."""

SHORTFALL = student.pdf(student.ppf(0.99, 5), 5) * (5 + student.ppf(0.99, 5) ** 2) / 4 / 0.01 * np.sqrt(3 / 5)


def codes(violations: list[Any]) -> list[str]:
    return [violation.code for violation in violations]


def test_the_published_interface_works_as_it_is_written() -> None:
    controller = RiskController(initial_capital_usdt=10000.0, var_daily_pct=0.02, allow_short=True)
    state = account(positions={"BTCUSDT": 6_000.0})
    violations = controller.check_var_limit(state)
    assert codes(violations) == ["VAR_DAILY"]
    assert violations[0].value == pytest.approx(0.6 * 0.03 * TAIL, rel=1e-12)
    assert violations[0].limit == 0.02
    assert violations[0].margin == pytest.approx(0.02 - 0.6 * 0.03 * TAIL, rel=1e-12)
    returns = np.random.default_rng(5).normal(0.004, 0.02, 500)
    fraction = controller.calculate_optimal_position_fraction(returns, regime="BULL", fractional=0.25)
    assert isinstance(fraction, float)
    assert 0.0 < fraction <= 0.25


def test_the_parameters_are_these() -> None:
    assert list(signature(RiskController).parameters) == [
        "initial_capital_usdt",
        "var_daily_pct",
        "cvar_daily_pct",
        "max_drawdown_pct",
        "daily_loss_pct",
        "max_leverage",
        "max_gross_exposure",
        "max_net_exposure",
        "max_concentration",
        "max_sector_exposure",
        "kelly_fraction_cap",
        "allow_short",
        "regime_caps",
        "min_liquidation_distance",
        "max_liquidation_probability",
        "max_positions",
        "max_orders",
        "correlation",
        "var_confidence",
        "tail_degrees",
    ]


def _edge(limit: float) -> tuple[float, float]:
    return limit * (1 - 1e-9), limit * (1 + 1e-9)


WIDE: dict[str, Any] = {
    "var_daily_pct": 0.0,
    "cvar_daily_pct": 0.0,
    "max_leverage": 100.0,
    "max_gross_exposure": 100.0,
    "max_net_exposure": 100.0,
    "max_concentration": 100.0,
    "max_sector_exposure": 100.0,
    "max_liquidation_probability": 0.0,
    "min_liquidation_distance": 0.0,
    "max_drawdown_pct": 1.0,
    "daily_loss_pct": 1.0,
    "max_positions": 0,
    "max_orders": 0,
}
"""Every limit off, or out of reach."""

Inside = Callable[[float], PortfolioState]

CASES: list[tuple[str, dict[str, Any], str, Inside, float]] = [
    (
        "check_var_limit",
        {"var_daily_pct": 0.02},
        "VAR_DAILY",
        lambda x: account(positions={"A": x * 1e4 / 0.03 / TAIL}),
        0.02,
    ),
    (
        "check_cvar_limit",
        {"cvar_daily_pct": 0.03},
        "CVAR_DAILY",
        lambda x: account(positions={"A": x * 1e4 / 0.03 / SHORTFALL}),
        0.03,
    ),
    ("check_leverage_limit", {"max_leverage": 1.5}, "LEVERAGE", lambda x: account(positions={"A": x * 1e4}), 1.5),
    ("check_exposure_limits", {"max_gross_exposure": 2.0}, "GROSS", lambda x: account(positions={"A": -x * 1e4}), 2.0),
    (
        "check_exposure_limits",
        {"max_net_exposure": 1.0},
        "NET",
        lambda x: account(positions={"A": x * 1e4 + 500.0, "B": -500.0}),
        1.0,
    ),
    (
        "check_exposure_limits",
        {"regime_caps": {"bear": 0.5}},
        "REGIME_GROSS",
        lambda x: account(positions={"A": x * 1e4}, regime="BEAR"),
        0.5,
    ),
    (
        "check_concentration_limit",
        {"max_concentration": 0.25},
        "CONCENTRATION",
        lambda x: account(positions={"A": -x * 1e4}),
        0.25,
    ),
    (
        "check_sector_limit",
        {"max_sector_exposure": 0.3},
        "SECTOR",
        lambda x: account(
            positions={"A": x * 5e3, "B": -x * 5e3}, covariance=np.eye(2), sectors={"A": "L1", "B": "L1"}
        ),
        0.3,
    ),
    (
        "check_sector_limit",
        {"max_sector_exposure": 0.3, "correlation": 0.8},
        "BUCKET",
        lambda x: account(positions={"A": x * 5e3, "B": x * 5e3}, covariance=[[1.0, 0.81], [0.81, 1.0]]),
        0.3,
    ),
    ("check_count_limits", {"max_orders": 3}, "ORDERS", lambda x: account(open_orders=3 if x <= 3.0 else 4), 3.0),
    (
        "check_count_limits",
        {"max_positions": 1},
        "POSITIONS",
        lambda x: account(positions={"A": 1.0, "B": 0.0 if x <= 1.0 else 1.0}),
        1.0,
    ),
]


@pytest.mark.parametrize(
    ("check", "limits", "code", "state", "limit"), CASES, ids=[f"{c[2]}-{n}" for n, c in enumerate(CASES)]
)
def test_a_limit_holds_up_to_itself_and_not_beyond(
    check: str, limits: dict[str, Any], code: str, state: Inside, limit: float
) -> None:
    controller = RiskController(**{**WIDE, **limits})
    below, above = (state(value) for value in _edge(limit))
    assert getattr(controller, check)(below) == []
    assert controller.check_all(below) == []
    violations = getattr(controller, check)(above)
    assert set(codes(violations)) == {code}
    assert codes(controller.check_all(above)) == codes(violations)
    assert all(one.limit == pytest.approx(limit) and one.margin < 0.0 for one in violations)
    assert getattr(RiskController(**WIDE), check)(above) == []


@pytest.mark.parametrize(
    ("check", "limits", "code", "before", "limit"),
    [
        ("check_drawdown_limit", {"max_drawdown_pct": 0.12}, "DRAWDOWN", "peak_equity", 0.12),
        ("check_daily_loss_limit", {"daily_loss_pct": 0.03}, "DAILY_LOSS", "day_start_equity", 0.03),
    ],
)
def test_a_loss_limit_is_violated_where_the_ledger_locks(
    check: str, limits: dict[str, Any], code: str, before: str, limit: float
) -> None:
    controller = RiskController(**{**WIDE, **limits})
    whole = {before: 10_000.0}
    assert getattr(controller, check)(account(10_000.0 * (1 - limit + 1e-9), **whole)) == []
    at_limit = getattr(controller, check)(account(10_000.0 * (1 - limit), **whole))
    assert codes(at_limit) == [code]
    assert at_limit[0].value == pytest.approx(limit)
    controller.ledger.mark(10_000.0 * (1 - limit), at_ns=1)
    assert controller.ledger.lock is not Lock.OPEN
    assert getattr(RiskController(**WIDE), check)(account(1.0, **whole)) == []


@pytest.mark.parametrize("wrong", [nan, inf, 0.0, -5.0])
@pytest.mark.parametrize("name", ["peak_equity", "day_start_equity"])
def test_a_peak_or_day_start_that_is_no_amount_is_a_loss_of_all(name: str, wrong: float) -> None:
    controller = RiskController()
    check = controller.check_drawdown_limit if name == "peak_equity" else controller.check_daily_loss_limit
    assert len(check(account(**{name: wrong}))) == 1


def test_losses_are_counted_from_the_ledger_where_the_state_names_none() -> None:
    controller = RiskController(10_000.0, max_drawdown_pct=0.5, daily_loss_pct=1.0)
    controller.ledger.mark(20_000.0, at_ns=1)
    assert controller.check_drawdown_limit(account(10_001.0)) == []
    assert codes(controller.check_drawdown_limit(account(9_999.0))) == ["DRAWDOWN"]


def test_shorts_are_named_where_none_are_allowed() -> None:
    state = account(positions={"A": -100.0, "B": 100.0})
    found = RiskController(allow_short=False).check_concentration_limit(state)
    assert [(one.code, one.subject) for one in found] == [("SHORT", "A")]
    assert RiskController(allow_short=True).check_concentration_limit(state) == []


def test_liquidation_is_measured_from_the_venues_price_and_for_the_account() -> None:
    controller = RiskController(min_liquidation_distance=0.10, max_liquidation_probability=0.0)
    near = {"liquidation_prices": {"BTCUSDT": 54_001.0}, "mark_prices": {"BTCUSDT": 60_000.0}}
    far = {"liquidation_prices": {"BTCUSDT": 53_999.0}, "mark_prices": {"BTCUSDT": 60_000.0}}
    assert codes(controller.check_liquidation_limits(account(**near))) == ["LIQUIDATION_DISTANCE"]
    assert controller.check_liquidation_limits(account(**far)) == []
    short = account(
        positions={"BTCUSDT": -2_000.0}, liquidation_prices={"BTCUSDT": 65_999.0}, mark_prices=near["mark_prices"]
    )
    assert codes(controller.check_liquidation_limits(short)) == ["LIQUIDATION_DISTANCE"]
    # equity 10,000, margin 1 % of 90,000: the common move is (10,000 - 900) / 90,900 = 10.01 %; of 91,000 9.89 %
    assert controller.check_liquidation_limits(account(positions={"A": 90_000.0})) == []
    assert codes(controller.check_liquidation_limits(account(positions={"A": 91_000.0}))) == ["LIQUIDATION_DISTANCE"]


@pytest.mark.parametrize("price", [nan, 54_000.0])
def test_a_liquidation_price_that_can_not_be_placed_counts_as_too_near(price: float) -> None:
    state = account(liquidation_prices={"BTCUSDT": price}, mark_prices={"BTCUSDT": 60_000.0} if isnan(price) else {})
    assert codes(RiskController().check_liquidation_limits(state)) == ["LIQUIDATION_DISTANCE"]


def test_the_liquidation_probability_is_that_of_a_touch_within_a_day() -> None:
    # sigma 5 % of 50,000 = 2,500; away (10,000 - 500) / 2,500 = 3.8 standard deviations
    expected = 2.0 * student.sf(3.8 / np.sqrt(3 / 5), 5)
    controller = RiskController(max_liquidation_probability=expected * 0.999, min_liquidation_distance=0.0)
    state = account(positions={"A": 50_000.0}, daily_volatility={"A": 0.05})
    found = controller.check_liquidation_limits(state)
    assert codes(found) == ["LIQUIDATION_PROBABILITY"]
    assert found[0].value == pytest.approx(expected, rel=1e-9)
    assert RiskController(max_liquidation_probability=expected * 1.001).check_liquidation_limits(state) == []


@pytest.mark.parametrize("degrees", [0.5, 2.0])
def test_a_tail_without_variance_is_taken_as_the_fattest_with_one(degrees: float) -> None:
    state = account(positions={"A": 50_000.0}, daily_volatility={"A": 0.05})
    limit = {"max_liquidation_probability": 1e-9, "min_liquidation_distance": 0.0}
    fat = RiskController(**limit, tail_degrees=degrees).check_liquidation_limits(state)[0].value
    assert fat == RiskController(**limit, tail_degrees=2.1).check_liquidation_limits(state)[0].value


def test_an_old_mark_price_is_told() -> None:
    assert RiskController().check_all(account(mark_age_seconds=60.0)) == []
    assert codes(RiskController().check_all(account(mark_age_seconds=60.1))) == ["MARK_AGE"]
    assert codes(RiskController().check_all(account(mark_age_seconds=nan))) == ["MARK_AGE"]


UNKNOWN: list[dict[str, Any]] = [
    {"covariance": [[nan]]},
    {"covariance": [[inf]]},
    {"covariance": [[0.0]]},
    {"covariance": [[-1.0]]},
    {"returns": [[0.01]]},
    {"returns": [[0.01], [0.01]]},
    {"returns": [[0.01], [nan]]},
    {"daily_volatility": {}},
    {"daily_volatility": {"BTCUSDT": nan}},
    {"daily_volatility": {"BTCUSDT": 0.0}},
]


@pytest.mark.parametrize("known", UNKNOWN, ids=str)
def test_a_risk_that_is_not_known_counts_as_too_large(known: dict[str, Any]) -> None:
    controller, state = RiskController(), account(**known)
    for check in (controller.check_var_limit, controller.check_cvar_limit, controller.check_liquidation_limits):
        assert codes(check(state)) == ["RISK_KNOWN"]
    assert codes(controller.check_all(state)) == ["RISK_KNOWN"]
    assert RiskController(**WIDE).check_all(state) == []


def test_an_empty_portfolio_violates_nothing() -> None:
    for state in (PortfolioState(10_000.0, {}), PortfolioState(10_000.0, {"BTCUSDT": 0.0})):
        assert RiskController().check_all(state) == []


@pytest.mark.parametrize("equity", [nan, inf, -inf, 0.0, -1.0])
@pytest.mark.parametrize("positions", [{}, {"A": 100.0}, {"A": nan}, {"A": inf, "B": -inf}])
def test_an_account_that_can_not_be_read_is_refused_in_words(equity: float, positions: dict[str, float]) -> None:
    violations = RiskController().check_all(account(equity, positions))
    assert "FINITE" in codes(violations)
    assert not any(number in one.text + one.text_ko for one in violations for number in ("nan", "inf%", "infx"))


def test_a_position_that_is_no_number_is_named() -> None:
    found = RiskController().check_all(account(positions={"A": 100.0, "B": nan}))
    assert [one.subject for one in found if one.code == "FINITE"] == ["B"]


def test_a_perfect_hedge_is_not_believed() -> None:
    """As in the decision path: the sum of the single standard deviations counts."""
    state = account(positions={"A": 1_000.0, "B": -1_000.0}, covariance=[[9e-4, 9e-4], [9e-4, 9e-4]])
    readings = {reading.code: reading.value for reading in RiskController().readings(state)}
    assert readings["VAR_DAILY"] == pytest.approx(0.2 * 0.03 * TAIL)


@given(books())
def test_readings_are_those_of_numpy(state: PortfolioState) -> None:
    controller = RiskController(max_sector_exposure=0.4)
    readings = {reading.code: reading for reading in controller.readings(state)}
    held = np.array(list(state.positions.values()))
    sigma = np.sqrt(held @ np.asarray(state.covariance) @ held) / state.equity
    assert readings["VAR_DAILY"].value == pytest.approx(sigma * TAIL, rel=1e-9)
    assert readings["CVAR_DAILY"].value == pytest.approx(sigma * SHORTFALL, rel=1e-9)
    assert readings["GROSS"].value == pytest.approx(np.abs(held).sum() / state.equity)
    assert readings["NET"].value == pytest.approx(abs(held.sum()) / state.equity)
    assert readings["DRAWDOWN"].value == pytest.approx(max(0.0, 1 - state.equity / state.peak_equity))
    assert all(reading.is_violated == (reading.margin < 0.0) for reading in readings.values())


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_positions_does_not_matter(state: PortfolioState, random: Any) -> None:
    names = list(state.positions)
    random.shuffle(names)
    order = [list(state.positions).index(name) for name in names]
    matrix = np.asarray(state.covariance)[np.ix_(order, order)]
    other = replace(state, positions={name: state.positions[name] for name in names}, covariance=matrix)
    controller = RiskController()
    one, two = ({(v.code, v.subject): v.value for v in controller.check_all(each)} for each in (state, other))
    assert one.keys() == two.keys()
    assert all(one[key] == pytest.approx(two[key], rel=1e-9) for key in one)


LOOSER = [
    ("var_daily_pct", 0.02, 0.05),
    ("cvar_daily_pct", 0.03, 0.08),
    ("max_drawdown_pct", 0.12, 0.2),
    ("daily_loss_pct", 0.03, 0.05),
    ("max_leverage", 1.5, 3.0),
    ("max_gross_exposure", 1.0, 2.0),
    ("max_net_exposure", 0.5, 2.0),
    ("max_concentration", 0.25, 0.5),
    ("max_sector_exposure", 0.5, 1.0),
    ("allow_short", False, True),
    ("regime_caps", {"BEAR": 0.5}, {"BEAR": 1.0}),
    ("min_liquidation_distance", 0.2, 0.1),
    ("max_liquidation_probability", 0.001, 0.01),
    ("max_positions", 2, 3),
    ("max_orders", 20, 50),
    ("correlation", 0.4, 0.8),
    ("var_confidence", 0.99, 0.95),
]


@pytest.mark.parametrize(("name", "tight", "loose"), LOOSER, ids=[one[0] for one in LOOSER])
@given(state=books())
def test_loosening_a_limit_adds_no_violation(name: str, tight: Any, loose: Any, state: PortfolioState) -> None:
    before, after = (RiskController(**{name: value}).check_all(state) for value in (tight, loose))
    assert len(after) <= len(before)
    assert set(codes(after)) <= set(codes(before))


def test_a_mapping_serves_as_a_state() -> None:
    plain = {"equity": 10_000.0, "positions": {"A": 6_000.0}, "daily_volatility": {"A": 0.03}, "regime": "bear"}
    assert codes(RiskController().check_var_limit(plain)) == ["VAR_DAILY"]
    assert "REGIME_GROSS" in codes(RiskController(regime_caps={"BEAR": 0.5}).check_all(plain))
    with pytest.raises(UserError, match="equities"):
        RiskController().check_all({"equities": 1.0, "positions": {}})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"initial_capital_usdt": 0.0}, "initial_capital_usdt 0.0"),
    ({"initial_capital_usdt": nan}, "initial_capital_usdt is nan"),
    ({"var_daily_pct": 2.0}, "var_daily_pct 2.0.*0.02 is 2 %"),
    ({"var_daily_pct": -0.1}, "var_daily_pct"),
    ({"cvar_daily_pct": inf}, "cvar_daily_pct is inf"),
    ({"max_drawdown_pct": 0.0}, "max_drawdown_pct"),
    ({"daily_loss_pct": 12.0}, "daily_loss_pct"),
    ({"max_leverage": 0.0}, "max_leverage 0.0"),
    ({"max_leverage": 126.0}, "max_leverage 126"),
    ({"max_leverage": nan}, "max_leverage nan"),
    ({"max_gross_exposure": 0.0}, "max_gross_exposure"),
    ({"max_net_exposure": -1.0}, "max_net_exposure"),
    ({"max_concentration": 126.0}, "max_concentration"),
    ({"max_sector_exposure": 0.0}, "max_sector_exposure"),
    ({"kelly_fraction_cap": 1.5}, "kelly_fraction_cap 1.5"),
    ({"correlation": 1.5}, "correlation 1.5"),
    ({"var_confidence": 0.5}, "var_confidence 0.5"),
    ({"tail_degrees": -1.0}, "tail_degrees"),
    ({"max_positions": -1}, "max_positions"),
    ({"max_orders": 1_001}, "max_orders"),
    ({"min_liquidation_distance": 1.0}, "min_liquidation_distance"),
    ({"max_liquidation_probability": 1.0}, "max_liquidation_probability"),
    ({"regime_caps": {"BEAR": nan}}, "max_gross_bear is nan"),
]


@pytest.mark.parametrize(("given_", "message"), WRONG, ids=[next(iter(one[0])) + str(n) for n, one in enumerate(WRONG)])
def test_a_value_out_of_range_is_named_with_its_argument(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        RiskController(**given_)


def test_a_spec_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(SettingsError, match="take_profit"):
        RiskController.under(RiskSpec(stops=Stops(take_profit=(1.0,), take_share=())))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="BEER"):
        RiskController(regime_caps={"BEER": 0.5})
    with pytest.raises(UnknownNameError, match="mode 'lice'"):
        RiskController.for_mode("lice")
    with pytest.raises(UnknownNameError, match="'BULLISH'"):
        RiskController().optimal_position([0.01] * 40, "BULLISH")
    with pytest.raises(UnknownNameError, match="'77'"):
        PortfolioState(1.0, {}, regime=77)
    with pytest.raises(SettingsError, match="method 'monte_carlo'"):
        RiskController().check_var_limit(account(), "monte_carlo")  # type: ignore[arg-type]


def test_regime_scales_may_be_given_whole() -> None:
    scales = RegimeScales(against=0.2, max_gross_bull=1.2)
    assert RiskController(regime_caps=scales).spec.regime == scales


def test_a_mode_brings_its_settings() -> None:
    live = RiskController.for_mode("LIVE", initial_capital_usdt=5_000.0)
    assert (live.spec.account.capital, live.spec.limits.var_daily, live.max_leverage) == (5_000.0, 0.02, 10.0)
    assert live.ledger.equity == 5_000.0


def test_history_gives_the_tail_that_was_there() -> None:
    table = np.random.default_rng(3).standard_t(4, size=(500, 2)) * 0.02
    state = account(positions={"A": 5_000.0, "B": -2_000.0}, returns=table)
    profit = table @ [0.5, -0.2]
    controller = RiskController(var_daily_pct=1e-6, cvar_daily_pct=1e-6)
    (var,) = controller.check_var_limit(state, method="historical")
    assert var.value == pytest.approx(-np.quantile(profit, 0.01), rel=1e-12)
    (cvar,) = controller.check_cvar_limit(state, method="historical")
    assert cvar.value == pytest.approx(-np.sort(profit)[:5].mean(), rel=1e-12)
    (filtered,) = controller.check_var_limit(state, method="filtered_historical")
    assert 0.3 * var.value < filtered.value < 3.0 * var.value


def test_a_calm_past_is_scaled_to_a_wild_present() -> None:
    rng = np.random.default_rng(8)
    table = np.concatenate([rng.normal(0.0, 0.01, 450), rng.normal(0.0, 0.05, 50)])
    controller, state = RiskController(var_daily_pct=1e-6), account(positions={"A": 10_000.0}, returns=table)
    plain, filtered = (
        controller.check_var_limit(state, method)[0].value for method in ("historical", "filtered_historical")
    )  # type: ignore[arg-type]
    assert filtered > 1.1 * plain


@pytest.mark.parametrize("method", ["historical", "filtered_historical"])
@pytest.mark.parametrize("known", [{}, {"returns": np.full((99, 1), 0.01)}, {"returns": np.zeros((500, 1))}])
def test_a_history_that_is_missing_short_or_flat_tells_no_tail(method: Any, known: dict[str, Any]) -> None:
    assert codes(RiskController().check_var_limit(account(**known), method)) == ["RISK_KNOWN"]


@pytest.mark.parametrize("method", ["historical", "filtered_historical"])
def test_nothing_held_has_no_tail(method: Any) -> None:
    assert RiskController().check_var_limit(PortfolioState(10_000.0, {}), method) == []


def test_contributions_sum_to_the_value_at_risk_and_hedges_are_negative() -> None:
    matrix = np.array([[9e-4, 6e-4], [6e-4, 16e-4]])
    state = account(positions={"A": 5_000.0, "B": -1_000.0}, covariance=matrix)
    parts = RiskController().risk_contributions(state)
    held = np.array([0.5, -0.1])
    sigma = np.sqrt(held @ matrix @ held)
    assert list(parts.values()) == pytest.approx(list(held * (matrix @ held) / sigma * TAIL))
    assert parts["B"] < 0.0
    assert sum(parts.values()) == pytest.approx(sigma * TAIL)
    assert RiskController().risk_contributions(account(positions={"A": 0.0})) == {"A": 0.0}
    assert RiskController().risk_contributions(account(positions={})) == {}


def test_chances_agree_with_their_closed_form_and_with_a_simulation_of_our_own() -> None:
    controller, state = (
        RiskController(tail_degrees=0.0),
        account(positions={"A": 30_000.0}, daily_volatility={"A": 0.05}),
    )
    chance = controller.loss_probability(state, 0.2, 24.0)
    # 2,000 to lose, 1,500 a standard deviation of a day: 2 Phi(-4/3)
    assert chance.normal == pytest.approx(0.18242, abs=1e-5)
    steps = np.random.default_rng(2).normal(0.0, 1_500 / np.sqrt(480), (20_000, 480))
    ours = (steps.cumsum(axis=1).min(axis=1) <= -2_000).mean()
    assert chance.simulated == pytest.approx(ours, abs=0.02)
    liquidation = controller.liquidation_probability(state, hours=24.0 * 9)
    # 9,700 to the margin, sensitivity 1,485 (the margin falls with the notional), three times that in nine days
    assert liquidation.normal == pytest.approx(2 * student.sf(9_700 / 4_455, 1e9), rel=1e-4)
    assert liquidation.value == max(liquidation.normal, liquidation.student, liquidation.simulated)
    assert (
        controller.loss_probability(state, 0.2, 48.0).value
        > chance.value
        > controller.loss_probability(state, 0.4, 24.0).value
    )


def test_chances_of_an_empty_account_are_none() -> None:
    for state in (PortfolioState(1_000.0, {}), PortfolioState(1_000.0, {"A": 0.0})):
        assert RiskController().loss_probability(state, 0.1, 24.0).value == 0.0
        assert RiskController().liquidation_probability(state).value == 0.0


@pytest.mark.parametrize(
    "state", [account(daily_volatility={}), account(nan), account(-1.0), account(covariance=[[nan]])]
)
def test_a_chance_that_can_not_be_told_is_refused(state: PortfolioState) -> None:
    controller = RiskController()
    for ask in (
        lambda: controller.loss_probability(state, 0.1, 24.0),
        lambda: controller.liquidation_probability(state),
        lambda: controller.risk_contributions(state),
    ):
        with pytest.raises(UserError, match="is not known"):
            ask()


@pytest.mark.parametrize(("fraction", "hours"), [(0.0, 24.0), (1.1, 24.0), (nan, 24.0), (0.1, -1.0), (0.1, inf)])
def test_a_loss_or_time_out_of_range_is_refused(fraction: float, hours: float) -> None:
    with pytest.raises(UserError):
        RiskController().loss_probability(account(), fraction, hours)


def test_leverages_are_the_least_of_what_bounds_them() -> None:
    controller = RiskController(max_leverage=20.0, min_liquidation_distance=0.10)
    assert controller.portfolio_leverage(account(positions={"A": 15_000.0, "B": -5_000.0})) == 2.0
    assert controller.portfolio_leverage(account(0.0)) == inf
    assert controller.safe_leverage(0.01) == pytest.approx(1 / (0.10 + 0.01 * 1.1))
    assert controller.safe_leverage(0.0, distance=0.0) == 20.0
    daily = 0.2 / np.sqrt(365)
    assert controller.dynamic_leverage(daily * 2.0) == pytest.approx(0.5)
    assert controller.dynamic_leverage(daily * 2.0, "BEAR") == pytest.approx(0.25)
    assert controller.dynamic_leverage(daily / 100.0) == pytest.approx(1 / (0.10 + 0.01 * 1.1))
    for unknown in (nan, inf, 0.0, -0.1):
        assert controller.dynamic_leverage(unknown) == 0.0


def _moment(**more: Any) -> Moment:
    return Moment(
        equity=10_000.0,
        forecasts={"BTCUSDT": 1.0},
        prices={"BTCUSDT": 60_000.0},
        annual_volatilities={"BTCUSDT": 0.6},
        ranges={"BTCUSDT": 60.0},
        **more,
    )


def test_a_drawdown_stage_and_a_halt_reduce_everything_that_is_sized() -> None:
    returns = np.random.default_rng(5).normal(0.01, 0.1, 500)
    controller = RiskController(
        max_drawdown_pct=0.2, daily_loss_pct=1.0, max_concentration=5.0, var_daily_pct=0.9, cvar_daily_pct=0.9
    )
    sizes = []
    for equity in (10_000.0, 8_600.0, 8_000.0):
        controller.ledger.mark(equity, at_ns=1)
        decision = controller.decide([BTC], _moment(positions={}))["BTCUSDT"]
        sizes.append(
            (
                controller.calculate_optimal_position_fraction(returns),
                decision.target,
                controller.dynamic_leverage(0.02),
            )
        )
    assert controller.ledger.lock is Lock.HALTED
    full, reduced, halted = np.array(sizes)
    assert (full > reduced).all()
    assert reduced[0] / full[0] == pytest.approx(0.625)
    assert reduced[2] / full[2] == pytest.approx(0.625)
    assert (halted == 0.0).all()


def test_a_halted_account_may_keep_but_not_enlarge() -> None:
    controller = RiskController()
    controller.ledger.mark(5_000.0, at_ns=1)
    kept = controller.decide([BTC], _moment(positions={"BTCUSDT": 0.01}))["BTCUSDT"]
    assert not kept.target > 0.01


def test_a_fractional_leverage_bounds_what_is_decided_and_sized() -> None:
    returns = np.random.default_rng(5).normal(0.01, 0.05, 500)
    controller = RiskController(max_leverage=0.3, max_concentration=5.0, var_daily_pct=0.9, cvar_daily_pct=0.9)
    assert controller.calculate_optimal_position_fraction(returns) == 0.3
    wide = RiskController(max_leverage=3.0, max_concentration=5.0, var_daily_pct=0.9, cvar_daily_pct=0.9)
    assert wide.decide([BTC], _moment())["BTCUSDT"].target * 60_000 > 0.3 * 10_000
    assert 0.0 < controller.decide([BTC], _moment())["BTCUSDT"].target * 60_000 <= 0.3 * 10_000


def _trade(**changes: Any) -> TradePlan:
    fields: dict[str, Any] = {"entry": Decimal(50_000), "stop": Decimal(49_900), "capital": Decimal(10_000)}
    return TradePlan(**{**fields, "risk": Decimal("0.01"), **changes})


def test_leverage_bounds_a_stake_where_exposures_do_not() -> None:
    controller = RiskController(max_leverage=1.0, max_gross_exposure=2.0, max_concentration=2.0)
    assert controller.stake(BTC, _trade()).notional == 10_000


def test_a_stake_of_a_share_keeps_to_the_weight_of_a_share() -> None:
    found = RiskController(max_concentration=0.25).stake(SHARE, _trade(capital=Decimal(10**8)))
    assert (found.code, found.notional) == ("OK", Decimal(10**7))


def test_an_account_on_trial_is_sized_by_its_size_factor() -> None:
    returns = np.random.default_rng(5).normal(0.01, 0.05, 500)
    whole = RiskSpec(limits=Limits(max_weight=10.0, var_daily=0.0, cvar_daily=0.0), kelly=Kelly(fraction=0.1))
    trial = structs.replace(whole, sizing=Sizing(size_factor=0.1))
    one, tenth = (RiskController.under(spec) for spec in (whole, trial))
    assert tenth.calculate_optimal_position_fraction(returns) == pytest.approx(
        0.1 * one.calculate_optimal_position_fraction(returns)
    )
    assert tenth.optimal_position(returns).steps[-1][0] == "size_factor"
    far = _trade(stop=Decimal(40_000), capital=Decimal(10**7))
    assert tenth.stake(BTC, far).loss == pytest.approx(one.stake(BTC, far).loss / 10, rel=Decimal("0.1"))


@given(
    st.lists(st.floats(-1.0, 1.0) | st.sampled_from([nan, inf, -inf, 1e300]), max_size=60),
    st.sampled_from([None, "BULL", "BEAR", "UNKNOWN", Regime.NEUTRAL, "SIDEWAYS+HIGH_VOLATILITY"]),
    st.floats(0.01, 1.0),
)
def test_a_fraction_is_always_a_number_within_its_limits(returns: list[float], regime: Any, fractional: float) -> None:
    value = RiskController().calculate_optimal_position_fraction(returns, regime, fractional)
    assert isfinite(value)
    assert abs(value) <= 0.25


def test_caps_by_a_member_of_regime_are_those_by_its_name() -> None:
    by_name = RiskController(regime_caps={"bear": 0.5})
    assert RiskController(regime_caps={Regime.BEAR: 0.5}).spec == by_name.spec  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"regime_caps": ["BEAR"]}, "regime_caps .* is not a mapping"),
        ({"regime_caps": {10: 0.5}}, "unknown regime '10'"),
        ({"max_leverage": "3"}, "max_leverage '3' is not allowed"),
        ({"max_leverage": None}, "max_leverage None"),
    ],
)
def test_arguments_of_another_kind_are_the_persons_mistake(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        RiskController(**given)
