"""`geobuk backtest --stream`: the same account without keeping the bars."""

import json
from pathlib import Path

import numpy as np
import pytest

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.main import main
from geobuk.simulate import stream

COMMAND = (
    "backtest",
    "--strategy",
    "trend",
    "--venue",
    "binance",
    "--interval",
    "1h",
    "--param",
    "trend.fast_days=0.5",
)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty days of a random walk of two instruments in the catalog."""
    monkeypatch.chdir(tmp_path)
    hours = np.arange(24 * 60)
    for seed, name in enumerate(("BTCUSDT", "ETHUSDT")):
        close = np.round(60_000 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, len(hours)))), 1)
        open_ = np.concatenate([close[:1], close[:-1]])
        rows = zip(
            hours * 3600 + 1_704_067_200, open_, np.maximum(open_, close), np.minimum(open_, close), close, strict=True
        )
        lines = [f"{at},{o},{h},{low},{c},1000000" for at, o, h, low, c in rows]
        Path(f"{name}.csv").write_text("time,open,high,low,close,volume\n" + "\n".join(lines) + "\n", encoding="utf-8")
        assert main(("data", "import", f"{name}.csv", "--venue", "binance", "--interval", "1h")) == ExitCode.OK


def told(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main((*COMMAND, *options))
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.mark.usefixtures("history")
def test_the_account_is_that_of_the_run_over_the_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(told(capsys, "--json")[1])
    streamed = json.loads(told(capsys, "--stream", "--json")[1])
    assert streamed["statistics"]["total_return"] == whole["statistics"]["total_return"]
    assert streamed["statistics"]["sharpe"] == pytest.approx(whole["statistics"]["sharpe"], rel=1e-12)
    assert streamed["statistics"]["max_drawdown"] == pytest.approx(whole["statistics"]["max_drawdown"], rel=1e-12)
    assert streamed["fills"] == whole["trades"]["fills"] > 0
    assert streamed["costs"]["total"] == pytest.approx(whole["costs"]["total"], rel=1e-12)
    assert streamed["source_hash"]
    codes = [note["code"] for note in whole["notes"]]
    assert [note["code"] for note in streamed["notes"]] == codes == ["FUNDING_UNKNOWN", "NO_MARK"]
    monkeypatch.setattr("geobuk.app.streamed.LEAST_BLOCK", 300)
    monkeypatch.setattr(stream, "LEAST_BLOCK", 300)
    cut = json.loads(told(capsys, "--stream", "--json")[1])
    assert cut["statistics"]["total_return"] == pytest.approx(whole["statistics"]["total_return"], abs=2e-4)
    assert cut["period"] == streamed["period"]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("lang", "word"), [("en", "Final equity"), ("ko", "최종 자산")])
def test_it_is_told_on_one_screen_in_both_languages(capsys: pytest.CaptureFixture[str], lang: str, word: str) -> None:
    code, text = told(capsys, "--stream", "--lang", lang)
    assert code == ExitCode.OK
    assert word in text
    assert "1,440 × 2" in text


@pytest.mark.usefixtures("history")
def test_a_report_or_synthetic_bars_can_not_be_streamed(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, "--stream", "--report", "out.html")
    assert code != ExitCode.OK
    assert "leave out --report" in text
    capsys.readouterr()
    assert main(("backtest", "--strategy", "trend", "--venue", "synthetic", "--stream")) != ExitCode.OK
    assert "made in memory" in capsys.readouterr().err
