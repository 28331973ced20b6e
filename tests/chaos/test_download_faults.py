"""Whatever a server does, the catalog ends as without the fault, or the fault is told clearly and the rest is there."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.geobuk_command import COMMAND
from tests.servers.binance import BinanceServer
from tests.servers.driving import NOW, assert_same, content, download, leftovers, prepared, settings, update

from geobuk.app.download import perform
from geobuk.app.home import Home
from geobuk.data.catalog import Catalog
from geobuk.data.pruning import prune
from geobuk.domain.errors import NetworkError, StorageError, UnknownNameError
from geobuk.domain.times import parse_at

FEBRUARY = "monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-02.zip"
REST = "/fapi/v1/klines"


@pytest.fixture
def server() -> Iterator[BinanceServer]:
    with BinanceServer(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def faultless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the same download brings from a server without faults."""
    home = tmp_path_factory.mktemp("faultless")
    with BinanceServer(NOW) as running:
        assert not download(home, running).failures
    return home


HEALED = {
    "cut off in the middle": ("truncate", 1, 0.0),
    "cut off three times": ("truncate", 3, 0.0),
    "reset in the middle": ("reset", 2, 0.0),
    "closed before a reply": ("closed", 2, 0.0),
    "silent": ("silent", 1, 3.0),
    "silent in the middle": ("silent_midway", 1, 0.0),
    "corrupt once": ("corrupt", 1, 0.0),
    "slow": ("trickle", 1, 0.005),
    "overloaded": ("unavailable", 2, 0.0),
    "failing": ("failing", 2, 0.0),
    "limited, with the time to wait": ("limited", 1, 1.0),
    "banned, with the time to wait": ("banned", 1, 1.0),
    "wrong checksum once": ("wrong_checksum", 1, 0.0),
}


@pytest.mark.parametrize("case", HEALED)
def test_a_passing_fault_of_the_archive_changes_nothing(
    case: str, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    kind, times, value = HEALED[case]
    server.fail(FEBRUARY, kind, times, value)
    done = download(tmp_path, server)
    assert done.failures == ()
    assert_same(tmp_path, faultless)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("kind", ["closed", "silent", "unavailable", "limited", "banned", "failing"])
def test_a_passing_fault_of_rest_changes_nothing(
    kind: str, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(REST, kind, 1, 1.0)
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_files_come_several_at_once_but_no_more_than_wanted(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(".zip", "trickle", -1)
    assert download(tmp_path, server, kinds=("bars", "mark"), sets=("download.connections=3",)).failures == ()
    assert server.most_at_once == 3


def test_a_reply_cut_off_is_resumed_where_it_stopped(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "truncate")
    download(tmp_path, server)
    first, second = (one for one in server.seen if one.path.endswith(FEBRUARY))
    assert (first.range, first.status) == ("", 200)
    assert (second.range, second.status) == (f"bytes={first.sent}-", 206)
    assert first.sent > 0


@pytest.mark.parametrize("kind", ["no_range", "wrong_range"])
def test_a_server_that_resumes_badly_is_read_from_the_start(
    kind: str, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(FEBRUARY, "truncate")
    server.fail(FEBRUARY, kind)
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_a_file_replaced_between_the_part_and_the_rest_is_fetched_anew(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(FEBRUARY, "replace")
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)
    assert len(server.paths(f"{FEBRUARY}.CHECKSUM")) == 2


def test_a_part_longer_than_the_file_is_thrown_away(server: BinanceServer, faultless: Path, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "truncate", -1)
    assert download(tmp_path, server, sets=("download.tries=1",)).failures
    (part,) = (path for path in Home(tmp_path).downloads_dir.rglob("*.part"))
    part.write_bytes(b"x" * 10_000_000)
    server.faults.clear()
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_a_part_that_rotted_on_the_disk_is_fetched_anew(server: BinanceServer, faultless: Path, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "truncate", -1)
    download(tmp_path, server, sets=("download.tries=1",))
    (part,) = (path for path in Home(tmp_path).downloads_dir.rglob("*.part"))
    part.write_bytes(bytes(len(part.read_bytes())))
    server.faults.clear()
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_a_corrupt_file_in_the_cache_is_never_believed(server: BinanceServer, faultless: Path, tmp_path: Path) -> None:
    asked = prepared(tmp_path, server)
    cached = Home(tmp_path).downloads_dir / "data/futures/um" / FEBRUARY
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"half of a zip file")
    assert perform(Home(tmp_path), asked).failures == ()
    assert_same(tmp_path, faultless)


LASTING = {
    "wrong checksum": ("wrong_checksum", "BTCUSDT-1h-2024-02.zip came twice with a checksum other than"),
    "corrupt": ("corrupt", "BTCUSDT-1h-2024-02.zip came twice with a checksum other than"),
    "garbled CHECKSUM": ("garbled_checksum", "the CHECKSUM of BTCUSDT-1h-2024-02.zip says 'not yet'"),
    "never whole": ("closed", "BTCUSDT-1h-2024-02.zip could not be fetched: 127.0.0.1"),
    "overloaded": ("unavailable", "answers HTTP 503"),
}


@pytest.mark.parametrize("case", LASTING)
def test_a_lasting_fault_names_the_file_and_costs_only_that(
    case: str, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    kind, words = LASTING[case]
    server.fail(FEBRUARY, kind, -1)
    done = download(tmp_path, server)
    (failure,) = done.failures
    assert words in failure
    (march,) = content(tmp_path).values()
    (whole,) = content(faultless).values()
    assert march.equals(whole.filter(whole["at_ns"] >= march["at_ns"][0])), "the days of March are stored"
    assert 0 < march.height < whole.height
    server.faults.clear()
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_a_month_that_is_not_there_comes_by_days_and_a_day_by_rest(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(FEBRUARY, "missing", -1)
    server.fail("BTCUSDT-1h-2024-02-10.zip", "missing", -1)
    server.fail("BTCUSDT-1h-2024-02-11.zip", "missing", -1)
    done = download(tmp_path, server)
    assert done.failures == ()
    assert_same(tmp_path, faultless)
    asked = [one.query for one in server.seen if one.path == REST]
    assert len(asked) == 2, "two neighbouring days are one request, the newest the other"


def test_what_no_source_has_is_reported_as_a_gap(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "missing", -1)
    server.fail("BTCUSDT-1h-2024-02-10.zip", "missing", -1)
    server.fail("BTCUSDT-1h-2024-02-11.zip", "missing", -1)
    begin, end = parse_at("2024-02-10"), parse_at("2024-02-12")
    server.hole_ms = (begin // 1_000_000, end // 1_000_000)
    done = download(tmp_path, server)
    assert done.failures == ()
    (gap,) = done.series[0].gaps
    assert (gap.from_ns, gap.to_ns, gap.why) == (begin, end, "neither the archive nor REST has anything")
    assert "GAP" in {found.code for found in done.series[0].findings}


def test_nothing_is_asked_for_before_an_instrument_was_listed(server: BinanceServer, tmp_path: Path) -> None:
    server.onboard_ms = parse_at("2024-02-20T05:00") // 1_000_000
    done = download(tmp_path, server, period=("2019-01-01", ""))
    assert (done.failures, done.series[0].gaps) == ((), ())
    (rows,) = content(tmp_path).values()
    assert rows["at_ns"][0] == parse_at("2024-02-20T05:00")
    assert not [path for path in server.paths(".zip") if "2024-02" not in path and "2024-03" not in path]


def test_a_delisted_instrument_has_gaps_where_the_archive_has_nothing(server: BinanceServer, tmp_path: Path) -> None:
    server.instruments = ("BTCUSDT", "LUNAUSDT")
    server.fail("LUNAUSDT-1h-2024-02-1", "missing", -1)
    server.fail("LUNAUSDT-1h-2024-02.zip", "missing", -1)
    asked = prepared(tmp_path, server, instruments=("LUNAUSDT",), period=("2024-02-01", "2024-02-29"))
    server.instruments = ("BTCUSDT",)
    with pytest.raises(UnknownNameError, match=r"LUNAUSDT.*--delisted"):
        prepared(tmp_path, server, instruments=("LUNAUSDT",))
    gone = prepared(tmp_path, server, instruments=("LUNAUSDT",), period=("2024-02-01", "2024-02-29"), is_delisted=True)
    assert gone.plan.files == asked.plan.files
    server.instruments = ("BTCUSDT", "LUNAUSDT")
    done = perform(Home(tmp_path), gone)
    assert [gap.why for gap in done.series[0].gaps] == [
        f"the archive has no LUNAUSDT-1h-2024-02-1{n}.zip" for n in range(10)
    ]
    assert done.series[0].rows_new == 19 * 24
    assert not server.paths(REST)


def test_a_long_ban_stops_everything_and_says_for_how_long(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(REST, "banned", 1, 3600)
    with pytest.raises(NetworkError, match=r"has limited this address \(HTTP 418\) for 3,600 s") as told:
        download(tmp_path, server)
    assert "after 60 minutes" in told.value.cure
    before = len(server.paths(".zip"))
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)
    assert [one for one in server.paths(".zip")[before:] if not one.endswith("CHECKSUM")] == [], (
        "files were in the cache"
    )


def test_a_host_that_is_not_there_stops_with_one_message(server: BinanceServer, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"can't connect to 127\.0\.0\.1:9 .*\(0 of 1 series were stored\)"):
        download(tmp_path, server, sets=("download.archive=http://127.0.0.1:9",))
    with pytest.raises(NetworkError, match=r"the name nowhere\.invalid can't be resolved"):
        download(tmp_path, server, sets=("download.archive=https://nowhere.invalid",))
    assert not Home(tmp_path).catalog_dir.joinpath("venue=binance").exists()


def test_a_server_without_tls_behind_https_is_named(server: BinanceServer, tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"does not prove who it is \(TLS\)"):
        download(tmp_path, server, sets=(f"download.archive={server.base.replace('http:', 'https:')}",))


def test_a_server_that_refuses_this_country_is_named(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(".zip.CHECKSUM", "forbidden", -1)
    with pytest.raises(NetworkError, match=r"refuses to answer \(HTTP 403\)"):
        download(tmp_path, server)


@pytest.mark.parametrize("kind", ["forbidden", "missing", "nonsense", "closed"])
def test_without_rest_the_archive_alone_is_used_and_a_note_says_so(
    kind: str, server: BinanceServer, tmp_path: Path
) -> None:
    server.fail("/fapi/", kind, -1)
    done = download(tmp_path, server)
    assert done.failures == ()
    assert "the newest days and the rules are left out" in done.plan.notes[0]
    assert (done.rules, done.series[0].requests) == (None, 0)
    (rows,) = content(tmp_path).values()
    assert rows.height == 32 * 24, "February and three days of March"


def test_nonsense_from_rest_is_a_failure_of_that_series(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(REST, "nonsense", -1)
    (failure,) = download(tmp_path, server).failures
    assert "BTCUSDT bars" in failure
    assert "<html>maintenance" in failure


def test_a_full_disk_is_told_and_the_same_command_carries_on(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    server.fail(FEBRUARY, "truncate", -1)
    download(tmp_path, server, sets=("download.tries=1",))
    (part,) = (path for path in Home(tmp_path).downloads_dir.rglob("*.part"))
    part.unlink()
    part.symlink_to("/dev/full")
    server.faults.clear()
    with pytest.raises(StorageError, match="the disk is full") as told:
        download(tmp_path, server)
    assert "BTCUSDT-1h-2024-02.zip" in str(told.value)
    part.unlink()
    assert download(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)


def test_two_downloads_at_once_do_not_share_a_cache(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "trickle", 1, 0.1)
    asked = prepared(tmp_path, server)
    first = threading.Thread(target=perform, args=(Home(tmp_path), asked))
    first.start()
    while not server.paths(FEBRUARY):
        time.sleep(0.01)
    with pytest.raises(StorageError, match="downloads"):
        perform(Home(tmp_path), asked)
    first.join()


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_it_resumes_to_the_same_end(
    stop: signal.Signals, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    words = ["data", "download", "--instruments", "BTCUSDT", "--interval", "1h", "--from", "2024-02-01", "--yes"]
    sets = [word for text in settings(server, connections=1) for word in ("--set", text)]
    command = [str(COMMAND), *words, "--kinds", "bars", *sets]
    environment = {**os.environ, "GEOBUK_HOME": str(tmp_path)}
    server.fail(FEBRUARY, "trickle", 1, 0.05)
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        while not any(one.sent > 3000 for one in server.seen):
            assert running.poll() is None, running.stderr.read() if running.stderr else ""
            time.sleep(0.01)
        running.send_signal(stop)
        _, said = running.communicate(timeout=60)
    assert running.returncode == (130 if stop == signal.SIGINT else -9)
    assert ("the same command carries on" in said) == (stop == signal.SIGINT)
    assert [name for name in leftovers(tmp_path) if name.endswith(".part")], "half a file lies under another name"
    assert not list(Home(tmp_path).downloads_dir.rglob("*-2024-02.zip"))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert_same(tmp_path, faultless)
    resumed = [one for one in server.seen if one.path.endswith(FEBRUARY)][-1]
    assert (resumed.status, resumed.range != "") == (206, True)


@pytest.mark.parametrize("requests", [2, 5, 9])
def test_killed_at_any_request_it_resumes_to_the_same_end(
    requests: int, server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    words = ["data", "download", "--instruments", "BTCUSDT", "--interval", "1h", "--from", "2024-02-01", "--json"]
    sets = [word for text in settings(server) for word in ("--set", text)]
    command = [str(COMMAND), *words, "--kinds", "bars", *sets]
    environment = {**os.environ, "GEOBUK_HOME": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as running:
        while len(server.seen) < requests and running.poll() is None:
            time.sleep(0.001)
        running.kill()
    assert running.returncode == -signal.SIGKILL, "it had ended before it was killed"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert_same(tmp_path, faultless)


def test_an_update_brings_everything_up_to_now(server: BinanceServer, tmp_path: Path) -> None:
    kinds = ("bars", "mark", "index", "funding")
    download(tmp_path / "late", server, kinds=kinds, period=("2024-02-01", "2024-02-10"))
    done = update(tmp_path / "late", server)
    assert done.failures == ()
    download(tmp_path / "at once", server, kinds=kinds)
    assert_same(tmp_path / "late", tmp_path / "at once")
    again = update(tmp_path / "late", server)
    assert (again.rows_new, sum(one.files for one in again.series)) == (0, 0)


def test_an_update_fetches_what_failed_in_the_update_before(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    download(tmp_path, server, period=("2024-02-01", "2024-02-10"))
    server.fail(FEBRUARY, "wrong_checksum", -1)
    failed = update(tmp_path, server)
    assert ["BTCUSDT-1h-2024-02.zip" in text for text in failed.failures] == [True]
    assert failed.rows_new == 106, "March came: 4 days and 10 hours"
    server.faults.clear()
    assert update(tmp_path, server).failures == ()
    assert_same(tmp_path, faultless)
    assert update(tmp_path, server).plan.is_empty


def test_an_update_fetches_a_day_of_a_tape_that_failed_before(server: BinanceServer, tmp_path: Path) -> None:
    asked = {"kinds": ("aggtrades",), "period": ("2024-03-01", "2024-03-03")}
    server.fail("aggTrades-2024-03-02.zip", "wrong_checksum", -1)
    assert download(tmp_path / "late", server, **asked).failures
    server.faults.clear()
    assert update(tmp_path / "late", server).failures == ()
    download(tmp_path / "at once", server, **asked)
    assert_same(tmp_path / "late", tmp_path / "at once")


def test_a_server_that_ignores_ranges_and_always_breaks_is_given_up(server: BinanceServer, tmp_path: Path) -> None:
    server.fail(FEBRUARY, "truncate_anew", 50)
    (failure,) = download(tmp_path, server).failures
    assert "2024-02.zip could not be fetched" in failure
    assert 4 <= len([path for path in server.paths(FEBRUARY) if path.endswith(".zip")]) <= 5, "tries, and no more"


def test_rows_that_were_pruned_come_back_when_they_are_asked_for(
    server: BinanceServer, faultless: Path, tmp_path: Path
) -> None:
    download(tmp_path, server)
    root = Home(tmp_path).catalog_dir
    prune(Catalog(root), list(Catalog(root).manifests()), parse_at("2024-02-15"))
    assert update(tmp_path, server).rows_new == 0, "an update leaves removed what was removed"
    assert download(tmp_path, server).rows_new == 14 * 24
    assert_same(tmp_path, faultless)
    assert download(tmp_path, server).plan.is_empty


def test_exchange_info_of_another_form_leaves_the_archive(server: BinanceServer, tmp_path: Path) -> None:
    server.symbol_says["onboardDate"] = "soon"
    done = download(tmp_path, server)
    assert "'soon'" in done.plan.notes[-1]
    assert done.rules is None
    (rows,) = content(tmp_path).values()
    assert rows.height == 32 * 24
    assert [gap.why for gap in done.series[0].gaps][-1] == "only REST has it yet"
