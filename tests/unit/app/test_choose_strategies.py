"""From names and parameter tables to strategies."""

from pathlib import Path

import pytest

from geobuk.app.choose_strategies import choose_strategies, parameter_tables, split_names
from geobuk.app.settings import Settings
from geobuk.domain.errors import StrategyError, UnknownNameError, UserError
from geobuk.strategies.template import template


@pytest.fixture
def mine(tmp_path: Path) -> str:
    """A strategy file called mine.py."""
    path = tmp_path / "mine.py"
    path.write_text(template("mine"), encoding="utf-8")
    return str(path)


def test_names_may_be_repeated_and_listed_with_commas() -> None:
    assert split_names(["trend, funding_carry", "", "mine.py,"]) == ("trend", "funding_carry", "mine.py")


@pytest.mark.parametrize("texts", [[], [""], [" , "]])
def test_no_name_at_all_is_told_with_those_there_are(texts: list[str]) -> None:
    with pytest.raises(UserError, match=r"no strategy is named: .*mean_reversion, trend, or a \.py file"):
        split_names(texts)


def test_parameters_come_from_the_table_of_the_name() -> None:
    settings = Settings(strategies={"trend": {"pairs": 2}})
    trend, carry = choose_strategies(["trend", "funding_carry"], settings)
    assert trend.parameters()["pairs"] == 2
    assert carry == choose_strategies(["funding_carry"], Settings())[0]


def test_a_file_takes_the_table_of_its_path_before_that_of_its_name(mine: str) -> None:
    (by_name,) = choose_strategies([mine], Settings(strategies={"mine": {"days": 2.0}}))
    (by_path,) = choose_strategies([mine], Settings(strategies={"mine": {"days": 2.0}, mine: {"days": 3.0}}))
    assert (by_name.parameters()["days"], by_path.parameters()["days"]) == (2.0, 3.0)


def test_tables_may_stand_for_every_strategy_and_the_files_named(mine: str) -> None:
    tables = parameter_tables(["trend", mine])
    assert {"trend", "box_breakout", "mine", mine} <= set(tables)
    assert tables["mine"] is tables[mine]
    assert "mine" not in parameter_tables(["trend"])


def test_what_does_not_exist_or_fit_is_told() -> None:
    with pytest.raises(UnknownNameError, match="did you mean trend"):
        choose_strategies(["trned"], Settings())
    with pytest.raises(StrategyError, match="pairs = 99"):
        choose_strategies(["trend"], Settings(strategies={"trend": {"pairs": 99}}))
