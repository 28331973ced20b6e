"""Made-up backtests for the tests of reports."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from geobuk.reports.backtest_report import BacktestReport
from geobuk.simulate.result import BacktestResult


def _factory() -> ModuleType:
    name = "geobuk_report_factory"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / "factory.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def make_result() -> Callable[..., BacktestResult]:
    """``made_result`` of the factory: bars, instruments, is_synthetic, has_trades, seed."""
    return _factory().made_result


@pytest.fixture(scope="session")
def make_report() -> Callable[..., BacktestReport]:
    """``made_report`` of the factory: from a result, or from the usual one."""
    return _factory().made_report


@pytest.fixture(scope="session")
def report(make_report: Callable[..., BacktestReport]) -> BacktestReport:
    """5,000 hourly bars of 5 instruments with about 200 trades."""
    return make_report()


@pytest.fixture(scope="session")
def report_without_trades(
    make_report: Callable[..., BacktestReport], make_result: Callable[..., BacktestResult]
) -> BacktestReport:
    """The same market, and nothing was done in it."""
    return make_report(make_result(3_000, 3, has_trades=False))
