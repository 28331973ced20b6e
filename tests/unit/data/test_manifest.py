"""The manifest: what is written is read again, damage is told, and equal files hash equally."""

from pathlib import Path

import msgspec
import pytest

from geobuk.data.layout import MANIFEST, SeriesKey
from geobuk.data.manifest import Manifest, Source, StoredFile, encode_manifest, hash_manifests, load_manifest
from geobuk.domain.errors import DataError
from geobuk.panel import Finding

FILE = StoredFile("2024-abc.parquet", "2024", 3, 0, 2, 99, "abc")
SOURCE = Source("bars.csv", "f00", 7, {"at": "ts"})
WHOLE = Manifest(
    venue="binance",
    instrument="BTCUSDT",
    kind="bars",
    interval="1h",
    phase_ns=0,
    is_synthetic=False,
    rows=3,
    masked=1,
    first_at_ns=0,
    last_at_ns=2,
    files=(FILE,),
    findings=(Finding("GAP", "BTCUSDT", "mask", 1, 1, 1, "one bar is missing"),),
    sources=(SOURCE,),
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(encode_manifest(WHOLE))
    assert load_manifest(tmp_path) == WHOLE
    assert WHOLE.key == SeriesKey("binance", "BTCUSDT", "bars", "1h")


def test_no_manifest_is_no_series(tmp_path: Path) -> None:
    assert load_manifest(tmp_path) is None
    assert load_manifest(tmp_path / "nowhere") is None


@pytest.mark.parametrize("damage", [b"", b"{", b'{"venue": 1}'])
def test_damage_is_told_with_its_folder(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(damage)
    with pytest.raises(DataError, match=r"manifest\.json is damaged .*: delete the folder .* import its data again"):
        load_manifest(tmp_path)


def test_the_same_bytes_read_in_the_same_way_are_one_source() -> None:
    assert SOURCE.reads_like(msgspec.structs.replace(SOURCE, file="copy.csv", imported_at_ns=8))
    for change in ({"sha256": "f01"}, {"mapping": {"at": "time"}}, {"time_zone": "Asia/Seoul"}):
        assert not SOURCE.reads_like(msgspec.structs.replace(SOURCE, **change))


def test_a_hash_follows_the_files_and_no_order() -> None:
    other = msgspec.structs.replace(WHOLE, instrument="ETHUSDT")
    assert hash_manifests([WHOLE, other]) == hash_manifests([other, WHOLE]) != hash_manifests([WHOLE])
    changed = msgspec.structs.replace(WHOLE, files=(msgspec.structs.replace(FILE, sha256="abd"),))
    assert hash_manifests([changed]) != hash_manifests([WHOLE])
    assert hash_manifests([msgspec.structs.replace(WHOLE, sources=())]) == hash_manifests([WHOLE])
