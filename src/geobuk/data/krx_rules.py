"""The dated trading rules of the Korea Exchange: ticks, limits, taxes, commission, as instruments. No network, no files
of a person's.

Sources: KRX market business regulations (ticks, limits); Securities Transaction Tax Act and its decree; Kiwoom's fees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from geobuk.data.krx_calendar import built_in_sessions
from geobuk.data.session_table import Sessions, date_of, day_of
from geobuk.domain.instrument import DatedRate, DatedTicks, Instrument, InstrumentKind, TickBand

READ_ON = date(2026, 11, 20)
"""When these rules were compared with their sources."""

KOSPI, KOSDAQ, KONEX = "KOSPI", "KOSDAQ", "KONEX"
MARKETS = (KOSPI, KOSDAQ, KONEX)

COMMISSION = Decimal("0.00015")
"""Each side. Source: Kiwoom Securities, online orders on KRX (2023)."""

SETTLEMENT_SESSIONS = 2
NEW_TICKS_FROM = date(2023, 1, 25)
FINE_FUND_TICKS_FROM = date(2023, 12, 18)
WIDE_BAND_FROM = date(2015, 6, 15)
_OLD_TICKS_FROM = date(2010, 10, 4)


def _bands(*rows: tuple[int, int]) -> tuple[TickBand, ...]:
    return tuple(TickBand(Decimal(floor), Decimal(tick)) for floor, tick in rows)


_SINCE_2023 = _bands((0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500), (500_000, 1_000))
_OLD_KOSPI = _bands((0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100), (100_000, 500), (500_000, 1_000))
_OLD_KOSDAQ = _bands((0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100))


def _share_ticks(old: tuple[TickBand, ...]) -> tuple[DatedTicks, ...]:
    return DatedTicks(_OLD_TICKS_FROM, old), DatedTicks(NEW_TICKS_FROM, _SINCE_2023)


SHARE_TICKS: Mapping[str, tuple[DatedTicks, ...]] = {
    KOSPI: _share_ticks(_OLD_KOSPI),
    KOSDAQ: _share_ticks(_OLD_KOSDAQ),
    KONEX: _share_ticks(_OLD_KOSPI),  # its own old table is not known here; every tick of this one fits both others
}
"""Tick tables of shares by market."""

FUND_TICKS = (
    DatedTicks(date(2002, 10, 14), _bands((0, 5))),
    DatedTicks(FINE_FUND_TICKS_FROM, _bands((0, 1), (2_000, 5))),
)
"""Ticks of exchange-traded funds and notes."""

_TAXES_BY_SETTLEMENT: tuple[tuple[date, str, str], ...] = (
    (date(1996, 1, 1), "0.0030", "0.0030"),
    (date(2019, 6, 3), "0.0025", "0.0010"),
    (date(2021, 1, 1), "0.0023", "0.0010"),
    (date(2023, 1, 1), "0.0020", "0.0010"),
    (date(2024, 1, 1), "0.0018", "0.0010"),
    (date(2025, 1, 1), "0.0015", "0.0010"),
    (date(2026, 1, 1), "0.0020", "0.0010"),
)
"""From the day of settlement: the tax on sales on KOSPI (the rural tax of 0.15 % included) and KOSDAQ, which have been
equal throughout, and on KONEX.
"""

_PRICE_BANDS: Mapping[str, tuple[tuple[date, str], ...]] = {
    KOSPI: ((date(1998, 12, 7), "0.15"), (WIDE_BAND_FROM, "0.30")),
    KOSDAQ: ((date(1998, 12, 7), "0.12"), (date(2005, 3, 28), "0.15"), (WIDE_BAND_FROM, "0.30")),
    KONEX: ((date(2013, 7, 1), "0.15"),),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing says about one code. ``market`` is empty where it is not known; ``multiple`` of a leveraged fund
    widens its price band.
    """

    code: str
    market: str = ""
    sector: str = ""
    is_fund: bool = False
    multiple: int = 1
    source: str = ""


def korean_instrument(venue: str, listed: Listed, day: date | None = None) -> Instrument:
    """The rules of one Korean share or fund as they were on a day, or are now, with every dated change that is known.

    Where the market is not known the rules of KOSPI hold: the taxes are those of KOSDAQ too, and each old KOSPI tick
    is a multiple of the KOSDAQ one.
    """
    market = listed.market or KOSPI
    on = day or READ_ON
    dated_ticks = FUND_TICKS if listed.is_fund else SHARE_TICKS[market]
    taxes = (DatedRate(date(1990, 1, 1), Decimal(0)),) if listed.is_fund else sell_taxes(market)
    bands = price_bands(market, listed.multiple)
    described = listed.source or ("market not known: the rules of KOSPI are used" if not listed.market else "")
    rules = Instrument(
        venue=venue,
        name=listed.code,
        kind=InstrumentKind.SHARE,
        base=listed.code,
        quote="KRW",
        ticks=dated_ticks[-1].ticks,
        step=Decimal(1),
        min_quantity=Decimal(1),
        max_quantity=Decimal(10**9),
        min_notional=Decimal(0),
        maker_fee=COMMISSION,
        taker_fee=COMMISSION,
        as_of=on,
        source=f"Korean rules built into Geobuk, compared with their sources on {READ_ON}; {described}".rstrip("; "),
        price_band=bands[-1].rate,
        settlement_days=SETTLEMENT_SESSIONS,
        can_short=False,
        sector=listed.sector,
        market=listed.market,
        is_fund=listed.is_fund,
        dated_ticks=dated_ticks,
        sell_taxes=taxes,
        price_bands=bands,
    )
    return replace(rules, ticks=rules.ticks_on(on), sell_tax=rules.sell_tax_on(on), price_band=rules.price_band_on(on))


@cache
def sell_taxes(market: str) -> tuple[DatedRate, ...]:
    """Tax on sales by the day of the trade: the first one whose settlement falls under the rate."""
    sessions = built_in_sessions()
    rates = [
        DatedRate(_first_trade(sessions, settles_from), Decimal(small if market == KONEX else usual))
        for settles_from, usual, small in _TAXES_BY_SETTLEMENT
    ]
    return tuple(rate for n, rate in enumerate(rates) if n == 0 or rate.rate != rates[n - 1].rate)


def _first_trade(sessions: Sessions, settles_from: date) -> date:
    row = int(np.searchsorted(sessions.days, day_of(settles_from)))
    return date_of(int(sessions.days[max(0, row - SETTLEMENT_SESSIONS)]))


@cache
def price_bands(market: str, multiple: int = 1) -> tuple[DatedRate, ...]:
    """Largest move from the base price by day; a leveraged fund's is as many times as wide."""
    return tuple(DatedRate(day, Decimal(band) * multiple) for day, band in _PRICE_BANDS[market])


@cache
def known_funds() -> Mapping[str, Listed]:
    """Large exchange-traded funds by code, as the package knows them: a listing of shares does not name them."""
    path = Path(__file__).resolve().parent / "krx_funds.json"
    table = msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[str, int]])
    return {
        code: Listed(code, KOSPI, "", True, multiple, f"{name}, a fund") for code, (name, multiple) in table.items()
    }
