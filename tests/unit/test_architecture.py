"""The laws of the house that a machine can read off the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import geobuk

SOURCE = Path(__file__).resolve().parents[2] / "src" / "geobuk"
FILES = sorted(SOURCE.rglob("*.py"))
WALL_CLOCKS = {
    "time.time",
    "time.time_ns",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.date.today",
}


def trees(folder: Path = SOURCE) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_public_members_are_these() -> None:
    assert geobuk.__all__ == [
        "AccountSpec",
        "BacktestResult",
        "BacktestRun",
        "BacktestSpec",
        "Conditions",
        "Costs",
        "Funding",
        "GateLimits",
        "GeobukError",
        "Kelly",
        "Ledger",
        "Limits",
        "LossLimits",
        "MatrixSpec",
        "Moment",
        "Orders",
        "Panel",
        "PortfolioState",
        "RegimePath",
        "RegimeScales",
        "RegimeSpec",
        "RiskController",
        "Sizing",
        "Stops",
        "Strategy",
        "TradePlan",
        "Universe",
        "UniverseSpec",
        "UserError",
        "Violation",
        "backtest",
        "gates",
        "load_panel",
        "profile",
        "regimes",
        "report",
        "sweep",
        "synthetic_panel",
        "universe",
    ]
    assert dir(geobuk) == sorted([*geobuk.__all__, "__version__"])


@pytest.mark.parametrize("name", [*geobuk.__all__, "__version__"])
def test_every_public_member_loads_and_is_documented(name: str) -> None:
    member = getattr(geobuk, name)
    assert getattr(member, "__doc__", None)


def test_an_unknown_member_is_an_attribute_error() -> None:
    misspelt = "backtst"
    with pytest.raises(AttributeError, match="no attribute 'backtst'"):
        getattr(geobuk, misspelt)


def test_what_things_are_needs_the_standard_library_only() -> None:
    allowed = {*sys.stdlib_module_names, "geobuk"}
    for name, tree in trees(SOURCE / "domain"):
        for module in imported(tree):
            assert module.partition(".")[0] in allowed, f"{name} imports {module}"
            assert not module.startswith("geobuk") or module.startswith("geobuk.domain"), f"{name} imports {module}"


def test_only_the_clock_reads_the_time_of_day() -> None:
    for name, tree in trees():
        if name == "ops/clock.py":
            continue
        for node in ast.walk(tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert called not in WALL_CLOCKS, f"{name}:{getattr(node, 'lineno', 0)} reads the wall clock: {called}"


def test_nobody_imports_the_front_door() -> None:
    for name, tree in trees():
        assert "geobuk" not in set(imported(tree)), f"{name} imports geobuk itself: name the module instead"


def test_every_room_has_code_and_says_what_it_owns() -> None:
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no module docstring"
    for room in (path.parent for path in FILES if path.name == "__init__.py" and path.parent.parent == SOURCE):
        assert len([path for path in room.rglob("*.py") if path.name != "__init__.py"]) > 0, f"{room} is an empty room"


def test_files_and_functions_stay_small() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, f"{path} has {text.count(chr(10))} lines: two names hide in it"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                assert lines <= 80, f"{path}:{node.lineno} {node.name} has {lines} lines"


def test_nothing_asks_whether_it_is_being_tested() -> None:
    words = ("pytest", "PYTEST_CURRENT_TEST", "unittest")
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], f"{path} knows of tests"
