"""A regime has one name in each language, on the page as in the code."""

import re

from tests.support.pages import text_of

from geobuk.domain.regime import Regime
from geobuk.regime.words import REGIME_WORDS


def test_the_page_names_every_regime_as_the_table_does() -> None:
    rows = re.findall(r"^\| ([A-Z]+) \| (\S.*?) \| ", text_of("regime.md"), re.MULTILINE)
    assert dict(rows) == {regime.name: korean for regime, (_, korean) in REGIME_WORDS.items()}


def test_every_regime_is_named_in_english_as_in_json() -> None:
    assert {regime: english for regime, (english, _) in REGIME_WORDS.items()} == {
        one: one.name.lower() for one in Regime
    }
