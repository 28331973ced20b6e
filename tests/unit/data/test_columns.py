import pytest

from geobuk.data.columns import map_columns
from geobuk.domain.errors import DataError, UnknownNameError

BARS = ["ts", "open", "high", "low", "close", "volume"]


@pytest.mark.parametrize(
    "present",
    [
        BARS,
        ["open_time", "o", "h", "l", "c", "v"],
        ["Date", "Open", "High", "Low", "Close", "Volume"],
        ["일자", "시가", "고가", "저가", "종가", "거래량"],
    ],
)
def test_usual_names_are_recognised(present: list[str]) -> None:
    mapping = map_columns(present, "bars", {})
    assert [mapping[role] for role in ("at", "open", "high", "low", "close", "volume")] == present
    assert mapping.instrument == ""


def test_what_the_user_says_wins() -> None:
    mapping = map_columns([*BARS, "pair", "settled"], "bars", {"ts": "settled", "instrument": "pair"})
    assert (mapping["at"], mapping.instrument) == ("settled", "pair")


def test_quote_volume_is_preferred_when_asked_for() -> None:
    assert map_columns([*BARS, "turnover"], "bars", {}, volume_unit="quote")["volume"] == "turnover"
    assert map_columns([*BARS, "turnover"], "bars", {})["volume"] == "volume"


@pytest.mark.parametrize("name", ["funding_rate", "last_funding_rate", "fundingRate"])
def test_funding_rates_are_recognised(name: str) -> None:
    assert map_columns(["calc_time", name], "funding", {})["rate"] == name


def test_a_named_column_that_is_missing_lists_those_present() -> None:
    with pytest.raises(DataError, match=r"no column 'clsoe' for close: did you mean 'close'\? the file has ts, open"):
        map_columns(BARS, "bars", {"close": "clsoe"})


def test_an_unknown_role_is_named_with_suggestions() -> None:
    with pytest.raises(UnknownNameError, match="did you mean close"):
        map_columns(BARS, "bars", {"closee": "close"})


@pytest.mark.parametrize(
    ("present", "kind", "cure"),
    [
        (["ts", "open", "high", "low", "last_close", "volume"], "bars", "--column close=last_close"),
        (["ts", "symbol", "funding_rate"], "bars", "--kind funding"),
        (BARS, "funding", "--kind bars"),
        (["ts", "open", "high", "low", "close", "quote_volume"], "bars", "--volume-unit quote"),
        (["ts", "open", "high", "low", "close"], "bars", "--kind mark"),
    ],
)
def test_a_missing_role_says_how_to_map_it(present: list[str], kind: str, cure: str) -> None:
    with pytest.raises(DataError) as caught:
        map_columns(present, kind, {})
    assert cure in caught.value.cure
