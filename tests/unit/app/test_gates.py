"""The gates of a recorded run: repeated, judged, kept; stale as soon as something that counts has changed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.small_runs import small_request

import geobuk as gb
from geobuk.app.gates import current_fingerprint, earlier_trials, is_stale, judge_run, perform_gates, read_gates
from geobuk.app.home import Home
from geobuk.app.run_request import Performed, RunRequest, perform
from geobuk.domain.errors import DataError, SettingsError, UserError
from geobuk.research.gate_limits import GateLimits
from geobuk.research.gates import RULES, Verdict
from geobuk.research.parameter_grid import trials_of
from geobuk.research.walk_forward import Market, folds_of, try_all, usable, walk

SETS = ("synthetic.days=70", "synthetic.instruments=2")
SHORT_WINDOWS = "[gates]\ntrain_days = 25\ntest_days = 10\n"


class Noon:
    def now_ns(self) -> int:
        return 1_700_000_000_000_000_000


def request(**changes: Any) -> RunRequest:
    return small_request(**{"sets": SETS, **changes})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.settings_file.write_text(SHORT_WINDOWS, encoding="utf-8")
    return home


@pytest.fixture
def performed(home: Home) -> Performed:
    return perform(home, request())


def paper_of(performed: Performed, **changes: object) -> bytes:
    record = json.loads(performed.record.path.read_bytes())
    return good_paper(**{"venue": "synthetic", "strategies": record["strategies"], **changes})


def good_paper(venue: object, strategies: object, **changes: object) -> bytes:
    good = {
        "venue": venue,
        "strategies": strategies,
        "days": 40,
        "orders": 100,
        "fills": 99,
        "fill_rate": 0.99,
        "slippage_bps": 1.0,
        "assumed_slippage_bps": 1.0,
        "post_only_success": 0.9,
    }
    return json.dumps({**good, **changes}).encode()


def put_paper(home: Home, text: bytes) -> None:
    home.paper_evidence.parent.mkdir(parents=True, exist_ok=True)
    home.paper_evidence.write_bytes(text)


def depth_of_walk_forward(performed: Performed, limits: GateLimits) -> float:
    run, result = performed.run, performed.run.result
    market = Market(result.panel, result.instruments, result.spec, run.mixing.weights, run.mixing.matrix, None)
    trials, folds = usable(trials_of(run.strategies, limits.most_sets), market, limits), folds_of(market, limits)
    return -walk(market, trials, folds, try_all(market, trials, folds)).max_drawdown


def test_a_run_is_judged_line_by_line_and_the_evidence_is_kept(home: Home, performed: Performed) -> None:
    found, path, _ = perform_gates(home, "last", clock=Noon())
    assert path == performed.record.path.with_suffix(".gates.json")
    assert read_gates(path) == msgspec.json.decode(msgspec.json.encode(found), type=type(found))
    assert [line.code for line in found.lines] == [rule.code for rule in RULES]
    assert (found.run_id, found.at_ns) == (performed.run.result.run_id, Noon().now_ns())
    assert found.inputs == performed.run.result.hashes["inputs"]
    assert found.passed is False
    assert len(found.windows) == 4
    by_code = {line.code: line for line in found.lines}
    assert by_code["WALK_FORWARD_SHARPE"].value is not None
    assert by_code["RUIN"].verdict is Verdict.NO_EVIDENCE  # seventy days say nothing of a year
    run_depth, walked_depth = -performed.run.statistics.max_drawdown, depth_of_walk_forward(performed, found.limits)
    assert run_depth != walked_depth
    assert by_code["MAX_DRAWDOWN"].value == pytest.approx(max(run_depth, walked_depth), rel=1e-12)
    assert set(found.loosened) == {"train_days", "test_days"}


def test_the_same_run_is_judged_the_same(home: Home, performed: Performed) -> None:
    first, again = (perform_gates(home, performed.run.result.run_id, clock=Noon())[0] for _ in range(2))
    assert first == again


def test_other_runs_on_the_panel_are_counted_as_trials_once_each(home: Home, performed: Performed) -> None:
    perform(home, request(params=("trend.fast_days=1.0", "trend.pairs=2", "trend.volatility_days=2.0")))
    perform(home, request(params=("trend.fast_days=1.0", "trend.pairs=2", "trend.volatility_days=2.0")))
    perform(home, request(sets=(*SETS, "costs.impact=0.7")))
    perform(home, request(seed=9))  # another market
    found, _, _ = perform_gates(home, performed.run.result.run_id)
    assert found.earlier_trials == 2
    line = next(line for line in found.lines if line.code == "DEFLATED_SHARPE")
    assert f"in {len(found.trials) + 2} trials (2 of them recorded runs)" in line.text


def test_without_a_paper_record_there_is_no_evidence(home: Home, performed: Performed) -> None:
    lines = [line for line in perform_gates(home, "last")[0].lines if line.code.startswith("PAPER")]
    assert {line.text for line in lines} == {"no evidence: no paper trading is recorded"}


def test_a_paper_record_of_the_same_strategies_counts(home: Home, performed: Performed) -> None:
    put_paper(home, paper_of(performed))
    lines = [line for line in perform_gates(home, "last")[0].lines if line.code.startswith("PAPER")]
    assert {line.verdict for line in lines} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"venue": "binance"}, "of another venue"),
        ({"strategies": [{"name": "trend", "parameters": {}}]}, "other strategies or parameters"),
        ({"fills": 200}, "200 fills of 100 orders"),
        ({"days": -1}, "can't be read"),
    ],
)
def test_a_paper_record_of_something_else_is_no_evidence(
    changes: dict[str, object], words: str, home: Home, performed: Performed
) -> None:
    put_paper(home, paper_of(performed, **changes))
    lines = [line for line in perform_gates(home, "last")[0].lines if line.code.startswith("PAPER")]
    assert {line.verdict for line in lines} == {Verdict.NO_EVIDENCE}
    assert words in lines[0].text


def test_synthetic_data_never_passes(home: Home, performed: Performed) -> None:
    put_paper(home, paper_of(performed))
    limits = gb.GateLimits(
        min_walk_forward_sharpe=-10,
        max_drawdown=1,
        max_ruin=1,
        max_liquidation=1,
        min_deflated_sharpe=0,
        max_overfitting=1,
        train_days=25,
        test_days=10,
        block_days=1,
    )
    found = judge_run(home, performed.run, limits)
    verdicts = {line.code: line.verdict for line in found.lines if line.code != "RUIN"}
    assert set(verdicts.values()) == {Verdict.PASS}
    assert found.passed is False


def test_evidence_is_stale_when_what_it_rests_on_has_changed(home: Home, performed: Performed) -> None:
    found, path, _ = perform_gates(home, "last")
    now = current_fingerprint(home, "last")
    assert not is_stale(read_gates(path), now)
    for name in ("panel", "parameters", "code", "limits", "paper"):
        assert is_stale(found, replace(now, **{name: "another"}))
    put_paper(home, paper_of(performed))
    assert is_stale(found, current_fingerprint(home, "last"))
    home.paper_evidence.unlink()
    home.settings_file.write_text("[gates]\nmax_ruin = 0.2\n", encoding="utf-8")
    assert is_stale(found, current_fingerprint(home, "last"))


def test_a_run_that_can_not_be_repeated_is_refused_and_nothing_is_kept(home: Home, performed: Performed) -> None:
    record = json.loads(performed.record.path.read_bytes())
    record["hashes"] |= {"parameters": "others", "result": "another"}
    performed.record.path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(UserError, match="can't be judged as it was: the parameters or settings have changed since"):
        perform_gates(home, "last")
    assert not performed.record.path.with_suffix(".gates.json").exists()


def test_a_run_made_in_python_is_judged_without_being_recorded(tmp_path: Path) -> None:
    panel = gb.synthetic_panel(days=70, instruments=2)
    run = gb.backtest(panel, "box_breakout", home=tmp_path)
    found = gb.gates(run, limits=gb.GateLimits(train_days=45, test_days=10), home=tmp_path)
    assert found.passed is False
    assert len(found.lines) == len(RULES)
    assert not (tmp_path / "store").exists()


def test_a_warm_up_that_does_not_fit_is_no_evidence(tmp_path: Path) -> None:
    run = gb.backtest(gb.synthetic_panel(days=70, instruments=2), "trend", home=tmp_path)  # 96 days
    found = gb.gates(run, limits=gb.GateLimits(train_days=25, test_days=10), home=tmp_path)
    line = found.lines[0]
    assert (line.code, line.verdict, found.windows) == ("WALK_FORWARD_SHARPE", Verdict.NO_EVIDENCE, ())
    assert "warm-up" in line.text
    assert found.trials[0] == ""


def test_a_file_that_is_no_evidence_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.gates.json").write_text("{}")
    with pytest.raises(DataError, match="holds no evidence of gates"):
        read_gates(tmp_path / "x.gates.json")


def test_an_edited_strategy_file_makes_its_evidence_stale(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(TEMPLATE, encoding="utf-8")
    perform(home, request(strategies=(str(file),), params=()))
    found, _, _ = perform_gates(home, "last")
    assert not is_stale(found, current_fingerprint(home, "last"))
    file.write_text(f"{TEMPLATE}\n# edited\n", encoding="utf-8")
    assert is_stale(found, current_fingerprint(home, "last"))


TEMPLATE = """
import numpy as np
from typing import ClassVar
from geobuk import Strategy


class Mine(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "mine"
    summary: ClassVar[str] = "momentum of a day"

    def warmup(self, interval_ns):
        return 24

    def forecast(self, panel):
        out = np.zeros(panel.shape)
        out[24:] = np.sign(panel.close[24:] - panel.close[:-24])
        return out
"""


@pytest.mark.parametrize(
    "damage",
    [
        {"statistics": [1]},
        {"statistics": {"sharpe": "high"}},
        {"hashes": {"panel": "p", "parameters": ["x"]}},
        {"hashes": [1]},
        {"run_id": {"a": 1}},
    ],
)
def test_a_damaged_record_of_another_run_is_no_trial_and_stops_nothing(
    home: Home, performed: Performed, damage: dict[str, Any]
) -> None:
    run = performed.run
    other = {"run_id": "other", "hashes": {**run.result.hashes, "parameters": "others"}, "statistics": {"sharpe": 1.0}}
    path = home.runs_dir / "other.json"
    path.write_text(json.dumps(other), encoding="utf-8")
    assert earlier_trials(home, run).count == 1
    if "panel" in (hashes := damage.get("hashes", {})):
        damage = {"hashes": {**hashes, "panel": run.result.hashes["panel"]}}
    path.write_text(json.dumps(other | damage), encoding="utf-8")
    assert earlier_trials(home, run).count == 0
    with pytest.raises(DataError, match="is no record of a run"):
        perform_gates(home, "other")


def test_a_setting_of_the_run_is_refused_where_the_gates_are_asked(home: Home, performed: Performed) -> None:
    with pytest.raises(SettingsError, match=r"--set costs.impact=0.5 is no setting of the gates"):
        perform_gates(home, "last", sets=("gates.most_sets=2", "costs.impact=0.5"))


def test_limits_that_ask_for_less_than_the_house_never_pass(tmp_path: Path) -> None:
    panel = replace(gb.synthetic_panel(days=420, instruments=2, interval="4h"), is_synthetic=False)
    run = gb.backtest(panel, "box_breakout", home=tmp_path)
    put_paper(Home(tmp_path), good_paper(panel.venue, run.summary["strategies"]))
    anything = gb.GateLimits(
        min_walk_forward_sharpe=-10.0,
        max_drawdown=1.0,
        max_ruin=1.0,
        max_liquidation=1.0,
        min_deflated_sharpe=0.0,
        max_overfitting=1.0,
        train_days=60,
        test_days=30,
    )
    found = gb.gates(run, limits=anything, home=tmp_path)
    assert [line.code for line in found.lines if line.verdict is not Verdict.PASS] == []
    assert found.loosened
    assert found.passed is False
