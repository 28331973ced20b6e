from importlib.metadata import EntryPoint

import pytest

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.strategies import registry
from geobuk.strategies.parameters import parameters_of
from geobuk.strategies.strategy import Strategy
from geobuk.strategies.trend import Trend

BUILT_IN = {"trend", "mean_reversion", "funding_carry", "box_breakout"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch):
    """Pretend that packages with these entry points are installed."""

    def pretend(*points: EntryPoint) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda group: points)
        registry._found.cache_clear()

    yield pretend
    monkeypatch.undo()
    registry._found.cache_clear()


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


def test_the_built_in_strategies_are_there() -> None:
    assert set(registry.available()) >= BUILT_IN
    assert registry.load("trend") == Trend()


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_strategy_says_all_about_itself(name: str) -> None:
    kind = registry.available()[name]
    assert (kind.name, kind.version >= 1) == (name, True)
    assert all((kind.summary, kind.summary_ko, kind.source, kind.__doc__))
    assert any("가" <= letter <= "힣" for letter in kind.summary_ko)
    for parameter in parameters_of(kind):
        assert parameter.description, parameter.name
    assert kind().warmup(3_600_000_000_000) > 0


def test_a_mistyped_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown strategy 'trand': did you mean trend\?"):
        registry.load("trand")


def test_values_are_held_to_their_ranges() -> None:
    assert registry.load("trend", {"pairs": "2"}).parameters()["pairs"] == 2
    with pytest.raises(StrategyError, match=r"trend: pairs = 0 is not allowed: give a whole number from 1 to 6"):
        registry.load("trend", {"pairs": 0})
    with pytest.raises(UnknownNameError, match="unknown parameter of trend 'fast'"):
        registry.load("trend", {"fast": 3})
    with pytest.raises(StrategyError, match="keep leave < enter < give_up"):
        registry.load("mean_reversion", {"leave": 2.5})
    with pytest.raises(StrategyError, match="half_life_least"):
        registry.load("mean_reversion", {"half_life_most": 0.1})


def test_a_strategy_of_an_installed_package_is_found(installed) -> None:
    installed(point("silent", "tests.unit.strategies.test_contract:Silent"))
    assert registry.load("silent").name == "silent"
    assert set(registry.available()) == BUILT_IN | {"silent"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("broken", "no_such_module:Thing", r"can't be loaded: No module named"),
        ("base", "pathlib:Path", "is no Strategy class"),
        ("other", "tests.unit.strategies.test_contract:Silent", "calls itself 'silent'"),
        ("unfinished", "geobuk.strategies.strategy:Strategy", r"Strategy.name is ''"),
    ],
)
def test_a_package_that_fails_does_not_stop_the_others(installed, name: str, value: str, message: str) -> None:
    installed(point(name, value))
    assert set(registry.available()) == BUILT_IN
    assert name in registry.broken()
    with pytest.raises(StrategyError, match=message):
        registry.load(name)


def test_a_package_can_not_take_a_built_in_name(installed) -> None:
    installed(point("trend", "tests.unit.strategies.test_contract:Silent"))
    assert registry.available()["trend"] is Trend
    assert "repeats a name" in str(registry.broken()["trend"])


def test_the_base_class_alone_answers_nothing() -> None:
    with pytest.raises(NotImplementedError, match="warmup"):
        Strategy().warmup(1)
    with pytest.raises(NotImplementedError, match="forecast"):
        Strategy().forecast(None)  # type: ignore[arg-type]
