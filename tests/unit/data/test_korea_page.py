"""What the page about Korea says is what the code does."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from geobuk.data.calendars import sessions_per_year, trading_year_of
from geobuk.data.krx_calendar import krx_sessions
from geobuk.data.krx_rules import KONEX, KOSPI, SHARE_TICKS, known_funds, sell_taxes
from geobuk.data.krx_sectors import sector_of_industry
from geobuk.data.session_table import date_of, day_of
from geobuk.domain.krx import price_limits, tick_at
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE

ELECTRONICS = "전자부품, 컴퓨터, 영상, 음향 및 통신장비 제조업"
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "korea.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    """Cells of the table whose header row begins so."""
    body = PAGE.split(f"\n| {head}", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_ticks() -> None:
    for cells in rows("price from"):
        price, new, kospi, kosdaq = map(number, cells)
        expected = (SHARE_TICKS["KOSPI"][-1], SHARE_TICKS["KOSPI"][0], SHARE_TICKS["KOSDAQ"][0])
        assert [tick_at(price, table.ticks) for table in expected] == [new, kospi, kosdaq]


def test_price_limits() -> None:
    for cells in rows("base |"):
        base, width, low, high = map(number, cells)
        assert price_limits(base, SHARE_TICKS["KOSPI"][-1].ticks) == (low, high)
        assert base - width == low


def test_taxes() -> None:
    for column, market in ((1, KOSPI), (2, KONEX)):
        told = [(cells[0], Decimal(cells[column].split()[0]) / 100) for cells in rows("from trades on")]
        for day, rate in told[1:]:
            in_force = [tax.rate for tax in sell_taxes(market) if tax.from_day <= date.fromisoformat(day)]
            assert in_force[-1] == rate, (market, day)
        assert sell_taxes(market)[0].rate == told[0][1]
    days = {tax.from_day.isoformat() for tax in sell_taxes(KOSPI)[1:]}
    assert days == {cells[0] for cells in rows("from trades on")[1:]}


def test_numbers_in_sentences() -> None:
    sessions = krx_sessions()
    assert f"from {date_of(sessions.first_day)} to {date_of(sessions.last_day)}" in PAGE
    assert f"A year has {sessions_per_year('krx'):.0f} sessions" in PAGE
    hours, minutes = (trading_year_of("krx").per_year(length) for length in (NS_PER_HOUR, NS_PER_MINUTE))
    assert f"{hours:,.0f} hours or {minutes:,.0f} minutes" in PAGE
    assert f"{len(known_funds())} large ones are built in" in PAGE
    assert f"exchange_calendars {sessions.source.split()[1].rstrip(',')} (calendar XKRX)" in PAGE
    assert {sector_of_industry(i) for i in ("통신 및 방송 장비 제조업", "반도체 제조업")} == {ELECTRONICS}


def test_the_corrections_shown_can_be_used(geobuk_home: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    (geobuk_home / "krx_overrides.toml").write_text(example[1])
    sessions = krx_sessions()
    assert sessions.last_day == day_of(date(2028, 12, 31))
    first, last = day_of(date(2028, 1, 24)), day_of(date(2028, 1, 28))
    assert [date_of(day).day for day in sessions.sessions_between(first, last)] == [24, 25, 27, 28]
