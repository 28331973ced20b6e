"""Every word is there in both languages, and names settings that exist."""

import re
from pathlib import Path

import msgspec
import pytest

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.figures import figures
from geobuk.reports.formats import written
from geobuk.reports.statistics_table import GROUPS, numbers
from geobuk.reports.texts import CHARTS, FLAGS, MONTHS, PAGE, filled, pick
from geobuk.risk.reasons import FILL_REASONS, Reason
from geobuk.risk.words import REASON_WORDS, STAGES
from geobuk.simulate.spec import BacktestSpec

ROWS = [row for group in GROUPS for row in group.rows]
PAIRS = (
    [(f"page {code}", text) for code, text in PAGE.items()]
    + [(f"chart {code}", text) for code, text in CHARTS.items()]
    + [(f"flag {code}", text) for code, text in FLAGS.items()]
    + [(f"month {at}", text) for at, text in enumerate(MONTHS)]
    + [(f"label {row.code}", row.label) for row in ROWS]
    + [(f"convention {row.code}", row.convention) for row in ROWS]
    + [(f"reason {reason.name}", words.text) for reason, words in REASON_WORDS.items()]
    + [(f"stage {code}", text) for code, text in STAGES.items()]
)


@pytest.mark.parametrize("text", [text for _, text in PAIRS], ids=[name for name, _ in PAIRS])
def test_each_text_is_written_in_both_languages(text: tuple[str, str]) -> None:
    english, korean = text
    assert english.strip()
    assert korean.strip()
    assert not re.search(r"[가-힣]", english)
    assert re.findall(r"{(\w+)}", english) or not re.findall(r"{(?!period)\w+}", korean)


def test_every_reason_has_words_and_a_known_stage() -> None:
    assert set(REASON_WORDS) == set(Reason)
    assert {words.stage for words in REASON_WORDS.values()} <= set(STAGES)


def test_every_refusal_says_what_to_do() -> None:
    for reason in Reason:
        if reason not in FILL_REASONS:
            assert all(REASON_WORDS[reason].cure), reason.name


def test_cures_name_settings_that_exist() -> None:
    settings = msgspec.to_builtins(BacktestSpec())
    known = {f"{group}.{name}" for group, part in settings.items() if isinstance(part, dict) for name in part}
    for words in REASON_WORDS.values():
        for text in words.cure:
            for named in re.findall(r"[a-z]+\.[a-z_]+[a-z]", text):
                assert named in known, named


def test_codes_of_statistics_are_unique_and_each_has_a_number(report: BacktestReport) -> None:
    values = numbers(report, figures(report.result))
    assert len(values) == len(ROWS)
    for row in ROWS:
        assert written(values[row.code], row.kind), row.code


def test_pairs_can_fill_pairs() -> None:
    text = filled(("{n} {unit}", "{n}{unit}"), n=3, unit=("days", "일"))
    assert (pick(text, "en"), pick(text, "ko")) == ("3 days", "3일")


def test_the_guide_explains_every_statistic() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
    assert [row.code for row in ROWS if f"`{row.code}`" not in guide] == []
