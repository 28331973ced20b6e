"""What `geobuk venue show` prints."""

import io
from decimal import Decimal

from rich.console import Console

from geobuk.app.venues import Seen
from geobuk.cli.venue_views import show_seen
from geobuk.domain.account import Account, MarginMode
from geobuk.domain.order import Position
from geobuk.domain.updates import VenueSnapshot

D = Decimal


def test_a_mark_price_has_no_trailing_zeros() -> None:
    marks = {"BTCUSDT": D("84816.10000000"), "DOTUSDT": D("1.13585000"), "ETHUSDT": D("3000.00000000")}
    held = tuple(
        Position("binance", name, D("0.4"), D("1.1"), D("0.4"), mark_price=mark) for name, mark in marks.items()
    )
    account = Account("binance", "USDT", MarginMode.CROSS, D(1), D(0), D(0), D(0), D(1), 0)
    written = io.StringIO()
    show_seen(Console(file=written, width=120), Seen(VenueSnapshot(account, held, (), 0), "", "http://venue"))
    words = written.getvalue().split()
    assert {"84816.1", "1.13585", "3000"} <= set(words)
