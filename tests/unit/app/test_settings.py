"""Settings: each layer wins over the one before, and each mistake is told with its place, value and rule."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from geobuk.app.home import Home
from geobuk.app.settings import Settings, load_settings, override
from geobuk.domain.errors import SettingsError
from geobuk.risk.profiles import profile


class Trend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fast: int = 16


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_settings(env={}, home=Home(tmp_path)) == Settings()


def test_home_settings_are_read(tmp_path: Path) -> None:
    written(tmp_path, "[backtest.costs]\nimpact = 0.5\n")
    assert load_settings(env={}, home=Home(tmp_path)).backtest.costs.impact == 0.5


def test_later_layers_win(tmp_path: Path) -> None:
    file = written(tmp_path, "[backtest.costs]\nimpact = 0.5\nparticipation = 0.3\nhalf_spread_bps = 4\n")
    env = {"GEOBUK_BACKTEST__COSTS__IMPACT": "0.6", "GEOBUK_BACKTEST__COSTS__PARTICIPATION": "0.2"}
    costs = load_settings(file, env, overrides=[override("costs.impact=0.7", "--set")]).backtest.costs
    assert (costs.impact, costs.participation, costs.half_spread_bps) == (0.7, 0.2, 4.0)


def test_variables_without_a_section_are_not_settings() -> None:
    assert load_settings(env={"GEOBUK_HOME": "/nowhere", "GEOBUK_CACHE": "x"}) == Settings()


def test_environment_texts_lists_and_strategies() -> None:
    env = {
        "GEOBUK_DATA__VENUE": "bybit",
        "GEOBUK_DATA__INSTRUMENTS": '["BTCUSDT", "ETHUSDT"]',
        "GEOBUK_STRATEGIES__TREND__FAST": "8",
    }
    settings = load_settings(env=env, strategies={"trend": Trend})
    assert settings.data.venue == "bybit"
    assert settings.data.instruments == ("BTCUSDT", "ETHUSDT")
    assert settings.strategies == {"trend": {"fast": 8}}


MISTAKES = {
    "out of range": ("[backtest.costs]\n\nimpact = 50\n", "line 3", "backtest.costs.impact = 50", "from 0 to 10"),
    "wrong type": ('[backtest.account]\ncapital = "much"\n', "line 2", 'capital = "much"', "a number above 0"),
    "wrong choice": ('[backtest.account]\nmargin = "croos"\n', "line 2", '"croos"', '"cross" or "isolated"'),
    "misspelt key": ("[backtest.costs]\nimpct = 0.5\n", "line 2", "backtest.costs.impct", "did you mean impact?"),
    "misspelt table": ("[backtest.cost]\nimpact = 1\n", "line 1", "backtest.cost", "did you mean costs?"),
    "inline table": ("[backtest]\ncosts = {impact = 50}\n", "line 2", "backtest.costs.impact = 50", "from 0 to 10"),
    "dotted key": ("backtest.costs.impact = 50\n", "line 1", "backtest.costs.impact = 50", "from 0 to 10"),
    "not a number": ("[backtest.costs]\nimpact = nan\n", "line 2", "impact = nan", "from 0 to 10"),
    "value for a table": ("[backtest]\ncosts = 3\n", "line 2", "backtest.costs = 3", "[backtest.costs]"),
    "interval": ('[data]\ninterval = "4x"\n', "line 2", 'data.interval = "4x"', "such as"),
    "strategy parameter": ("[strategies.trend]\nfats = 8\n", "line 2", "strategies.trend.fats", "did you mean fast?"),
    "strategy name": ("[strategies.trnd]\nfast = 8\n", "line 1", "unknown strategy trnd", "did you mean trend?"),
    "syntax": ("[backtest.costs]\nimpact = \n", "line 2", "not valid TOML", "correct that line"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_file_line_value_and_rule(case: str, tmp_path: Path) -> None:
    text, *expected = MISTAKES[case]
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(file, env={}, strategies={"trend": Trend})
    for part in (str(file), *expected):
        assert part in str(caught.value)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, "[backtest.costs]\nimpact = 50\nparticipation = 2\n")
    with pytest.raises(SettingsError, match=r"(?s)2 settings.*line 2.*line 3"):
        load_settings(file, env={})


def test_the_environment_is_named_when_it_errs(tmp_path: Path) -> None:
    file = written(tmp_path, "[backtest.costs]\nimpact = 1\n")
    with pytest.raises(SettingsError, match="environment variable GEOBUK_BACKTEST__COSTS__IMPACT: "):
        load_settings(file, {"GEOBUK_BACKTEST__COSTS__IMPACT": "-1"})


@pytest.mark.parametrize("option", ["--set", "--param"])
def test_an_option_is_named_when_it_errs(option: str) -> None:
    with pytest.raises(SettingsError, match=f"{option} .*nonsense"):
        load_settings(env={}, overrides=[override("trend.nonsense=1", option)], strategies={"trend": Trend})


@pytest.mark.parametrize("text", ["impact", "=3", "costs..impact=3"])
def test_an_option_that_is_no_setting_shows_the_form(text: str) -> None:
    with pytest.raises(SettingsError, match=r"write it as --set costs\.impact=0\.5"):
        override(text, "--set")


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't read the settings file"):
        load_settings(tmp_path / "none.toml", env={})


def test_a_strategy_file_has_a_table_by_its_path(tmp_path: Path) -> None:
    file = written(tmp_path, '[strategies."mine.py"]\nfast = 8\n')
    used = load_settings(file, env={}, strategies={"mine.py": Trend}, overrides=[override("mine.py.fast=9", "--param")])
    assert used.strategies == {"mine.py": {"fast": 9}}
    assert load_settings(file, env={}, strategies={"trend": Trend}).strategies == {"mine.py": {"fast": 8}}


def test_a_mode_puts_its_limits_in_the_place_of_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('mode = "live"\n[backtest.limits]\nmax_gross = 1.5\n', encoding="utf-8")
    found = load_settings(file, {})
    live = profile("live")
    assert found.backtest.account == live.account
    assert found.backtest.loss == live.loss
    assert found.backtest.limits == replace(live.limits, max_gross=1.5)
    assert found.backtest.costs == Settings().backtest.costs


def test_what_is_set_by_itself_counts_over_the_mode_wherever_it_is_set(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('mode = "paper"\n', encoding="utf-8")
    given = [override("mode=staging", "--set"), override("account.capital=770.0", "--set")]
    found = load_settings(file, {"GEOBUK_BACKTEST__LOSS__DAILY": "0.01"}, overrides=given)
    assert found.mode == "staging"
    assert found.backtest.account == replace(profile("staging").account, capital=770.0)
    assert found.backtest.loss == replace(profile("staging").loss, daily=0.01)


def test_an_unknown_mode_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--set mode=lve: mode = .lve. is not allowed.*staging"):
        load_settings(None, {}, overrides=[override("mode=lve", "--set")], home=Home(tmp_path))
