"""Korean rules by date: what a share may cost, what a sale costs."""

from datetime import date
from decimal import Decimal

import pytest

from geobuk.data.instruments import instruments_for
from geobuk.data.krx_rules import KONEX, KOSDAQ, KOSPI, Listed, known_funds, korean_instrument, sell_taxes
from geobuk.domain.errors import DataError
from geobuk.domain.instrument import InstrumentKind
from geobuk.domain.krx import tick_at
from geobuk.domain.times import parse_at


@pytest.mark.parametrize("market", [KOSPI, KOSDAQ])
@pytest.mark.parametrize(
    ("traded", "rate"),
    [
        ((2018, 1, 2), "0.0030"),
        ((2019, 5, 29), "0.0030"),
        ((2019, 5, 30), "0.0025"),  # settled on 3 June
        ((2020, 12, 28), "0.0025"),
        ((2020, 12, 29), "0.0023"),  # settled on 4 January
        ((2024, 12, 26), "0.0018"),
        ((2024, 12, 27), "0.0015"),
        ((2025, 12, 26), "0.0015"),
        ((2025, 12, 29), "0.0020"),
    ],
)
def test_the_tax_on_sales_goes_by_the_day_of_settlement(market: str, traded: tuple[int, int, int], rate: str) -> None:
    share = korean_instrument("krx", Listed("005930", market))
    assert share.sell_tax_on(date(*traded)) == Decimal(rate)


def test_konex_pays_less_and_funds_pay_nothing() -> None:
    assert [str(tax.rate) for tax in sell_taxes(KONEX)] == ["0.0030", "0.0010"]
    fund = korean_instrument("krx", known_funds()["069500"])
    assert fund.is_fund
    assert fund.sell_tax == fund.sell_tax_on(date(2010, 1, 4)) == 0


@pytest.mark.parametrize(
    ("market", "day", "price", "tick"),
    [
        (KOSPI, (2023, 1, 24), 1_500, 5),
        (KOSPI, (2023, 1, 25), 1_500, 1),
        (KOSDAQ, (2023, 1, 24), 600_000, 100),
        (KOSDAQ, (2023, 1, 25), 600_000, 1_000),
        (KOSPI, (2023, 1, 24), 150_000, 500),
        (KOSPI, (2024, 1, 2), 150_000, 100),
        ("", (2022, 1, 3), 600_000, 1_000),  # the coarser table where the market is not known
        ("", (1999, 1, 4), 600_000, 1_000),  # before all that is known
    ],
)
def test_the_tick_table_goes_by_the_day(market: str, day: tuple[int, int, int], price: int, tick: int) -> None:
    share = korean_instrument("krx", Listed("005930", market), date(*day))
    assert tick_at(Decimal(price), share.ticks) == tick
    assert share.ticks == share.ticks_on(date(*day))


def test_funds_have_their_own_ticks_and_leveraged_ones_wider_bands() -> None:
    fund = korean_instrument("krx", known_funds()["069500"], date(2023, 12, 17))
    assert [band.tick for band in fund.ticks] == [5]
    assert [band.tick for band in fund.ticks_on(date(2023, 12, 18))] == [1, 5]
    assert fund.price_band == Decimal("0.30")
    assert korean_instrument("krx", known_funds()["122630"]).price_band == Decimal("0.60")


@pytest.mark.parametrize(
    ("market", "day", "band"),
    [
        (KOSPI, (2015, 6, 12), "0.15"),
        (KOSPI, (2015, 6, 15), "0.30"),
        (KOSDAQ, (2004, 1, 2), "0.12"),
        (KONEX, (2024, 1, 2), "0.15"),
    ],
)
def test_the_band_goes_by_the_day(market: str, day: tuple[int, int, int], band: str) -> None:
    assert korean_instrument("krx", Listed("005930", market), date(*day)).price_band == Decimal(band)
    assert korean_instrument("krx", Listed("005930", market)).price_band_on(date(*day)) == Decimal(band)


def test_any_code_has_rules_without_an_import() -> None:
    share, fund, new = instruments_for(None, "krx", ["005930", "069500", "0126Z0"], parse_at("2024-12-27T01:00"))
    assert (share.kind, share.quote, share.step, share.settlement_days) == (InstrumentKind.SHARE, "KRW", 1, 2)
    assert (share.can_short, share.maker_fee, share.taker_fee) == (False, Decimal("0.00015"), Decimal("0.00015"))
    assert (share.as_of, share.sell_tax) == (date(2024, 12, 27), Decimal("0.0015"))
    assert share.market == share.sector == ""
    assert "market not known: the rules of KOSPI are used" in share.source
    assert fund.is_fund
    assert "KODEX 200, a fund" in fund.source
    assert new.name == "0126Z0"
    assert instruments_for(None, "kiwoom", ["005930"])[0].venue == "kiwoom"


@pytest.mark.parametrize("name", ["KOSPI", "삼성전자", "5930", "BTCUSDT"])
def test_what_is_no_code_has_no_rules(name: str) -> None:
    with pytest.raises(DataError, match=f"'{name}' is no Korean code"):
        instruments_for(None, "krx", ["005930", name])


def test_the_day_of_the_rules_is_koreas() -> None:
    late = parse_at("2023-01-24T16:00")  # 01:00 of the 25th in Seoul
    assert instruments_for(None, "krx", ["005930"], late)[0].as_of == date(2023, 1, 25)
