"""Names and addresses of the archive's files, as the venue publishes them."""

import pytest

from geobuk.data.sources.binance_archive import (
    ARCHIVE_KINDS,
    ArchiveFile,
    months_between,
    parse_checksum,
    require_fetchable,
    require_instrument_name,
)
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import parse_at

PATHS = {
    ("bars", "1m", "2026-09-01"): "daily/klines/BTCUSDT/1m/BTCUSDT-1m-2026-09-01.zip",
    ("bars", "1h", "2026-08"): "monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2026-08.zip",
    ("mark", "1h", "2026-08"): "monthly/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2026-08.zip",
    ("index", "1d", "2026-08"): "monthly/indexPriceKlines/BTCUSDT/1d/BTCUSDT-1d-2026-08.zip",
    ("funding", "", "2026-08"): "monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2026-08.zip",
    ("aggtrades", "", "2026-09-01"): "daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2026-09-01.zip",
    ("bookticker", "", "2024-02-15"): "daily/bookTicker/BTCUSDT/BTCUSDT-bookTicker-2024-02-15.zip",
}


@pytest.mark.parametrize("wanted", PATHS)
def test_every_kind_has_its_address(wanted: tuple[str, str, str]) -> None:
    kind, interval, period = wanted
    assert ArchiveFile(kind, "BTCUSDT", interval, period).path == f"data/futures/um/{PATHS[wanted]}"


def test_a_month_has_its_days_and_funding_has_none() -> None:
    days = ArchiveFile("bars", "BTCUSDT", "1h", "2024-02").days()
    assert (len(days), days[0].period, days[-1].period) == (29, "2024-02-01", "2024-02-29")
    assert ArchiveFile("funding", "BTCUSDT", "", "2024-02").days() == ()


def test_months_are_those_that_are_touched() -> None:
    months = list(months_between(parse_at("2023-12-31T23:00"), parse_at("2024-02-01T00:01")))
    assert months == ["2023-12", "2024-01", "2024-02"]
    assert list(months_between(parse_at("2024-01-01"), parse_at("2024-02-01"))) == ["2024-01"]


def test_a_checksum_file_is_read_strictly() -> None:
    file, digest = ArchiveFile("bars", "BTCUSDT", "1h", "2024-02"), "Ab" * 32
    assert parse_checksum(f"{digest}  {file.name}\n", file) == digest.lower()
    for text in ("", digest, f"{digest}  ETHUSDT-1h-2024-02.zip", f"{digest[1:]}  {file.name}", "<html></html>"):
        with pytest.raises(DataError, match=r"the CHECKSUM of BTCUSDT-1h-2024-02\.zip says"):
            parse_checksum(text, file)


def test_what_the_archive_has_not_is_refused_with_what_it_has() -> None:
    for kind in ARCHIVE_KINDS:
        require_fetchable(kind, "1h")
    require_fetchable("funding", "7m")
    with pytest.raises(UserError, match=r"'trades' can't be downloaded: use some of bars"):
        require_fetchable("trades", "1h")
    with pytest.raises(UserError, match=r"bars of 10m can't be downloaded"):
        require_fetchable("bars", "10m")
    with pytest.raises(UserError, match="is not an interval"):
        require_fetchable("bars", "hour")


@pytest.mark.parametrize("name", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_240329", "币安人生USDT"])
def test_names_as_the_venue_writes_them_are_folders_of_the_archive(name: str) -> None:
    require_instrument_name(name)
    folders = ArchiveFile("bars", name, "1h", "2024-02").path.split("/")
    assert folders[-3:] == [name, "1h", f"{name}-1h-2024-02.zip"]


@pytest.mark.parametrize("name", ["btcusdt", "../x", "BTC/USDT", "", "BTCUSDT-1h", "A" * 41, "BTC USDT"])
def test_names_that_would_leave_their_folder_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="such as BTCUSDT"):
        require_instrument_name(name)
