"""The doctor: what is whole is ok, what is broken is named with its cure."""

from pathlib import Path

import pytest

from geobuk.ops import doctor
from geobuk.ops.doctor import Status

DAY_NS = 86_400_000_000_000


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 10), Status.FAIL), ((3, 11), Status.OK), ((3, 13), Status.OK), ((3, 14), Status.FAIL)],
)
def test_python_versions(version: tuple[int, int], status: Status) -> None:
    assert doctor.check_python(version).status is status


def test_an_installed_package_shows_its_version() -> None:
    (look,) = doctor.check_packages([("numpy", "numpy")])
    assert look.status is Status.OK
    assert look.text[0].isdigit()


def test_a_missing_package_names_the_cure() -> None:
    (look,) = doctor.check_packages([("no-such-distribution", "nothing")])
    assert (look.status, look.text) == (Status.FAIL, "not installed")
    assert "make setup" in look.cure


def test_a_package_that_cannot_be_imported_is_a_failure() -> None:
    (look,) = doctor.check_packages([("numpy", "numpy.no_such_module")])
    assert look.status is Status.FAIL
    assert "can't be imported" in look.text


def test_indicators_compute() -> None:
    assert doctor.check_indicators().status is Status.OK


def test_a_folder_that_can_be_written_is_left_empty(tmp_path: Path) -> None:
    assert doctor.check_writable("home", tmp_path / "new", "").status is Status.OK
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_that_cannot_be_written_fails_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    look = doctor.check_writable("home", tmp_path / "file" / "inside", "choose another")
    assert (look.status, look.cure) == (Status.FAIL, "choose another")


def test_an_empty_kernel_cache_is_a_warning_and_a_filled_one_is_ok(tmp_path: Path) -> None:
    assert doctor.check_kernels(tmp_path).status is Status.WARN
    (tmp_path / "loop.nbc").write_bytes(b"")
    assert doctor.check_kernels(tmp_path).status is Status.OK


def test_a_temporary_kernel_cache_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    look = doctor.check_kernels(tmp_path / "geobuk-kernels-1")
    assert (look.status, "temporary" in look.text) == (Status.WARN, True)


@pytest.mark.parametrize(("needed", "status"), [(1, Status.OK), (10**18, Status.FAIL)])
def test_disk_space(tmp_path: Path, needed: int, status: Status) -> None:
    assert doctor.check_disk(tmp_path / "not" / "there", needed).status is status


@pytest.mark.parametrize(
    ("kilobytes", "status"), [("MemTotal:  500000 kB", Status.WARN), ("MemTotal: 9000000 kB", Status.OK)]
)
def test_memory(tmp_path: Path, kilobytes: str, status: Status) -> None:
    (tmp_path / "meminfo").write_text(kilobytes + "\n")
    assert doctor.check_machine(tmp_path / "meminfo").status is status


def test_memory_that_is_not_told_is_no_fault(tmp_path: Path) -> None:
    assert doctor.check_machine(tmp_path / "none").status is Status.OK


def test_a_clock_before_the_installation_fails() -> None:
    assert doctor.check_clock(10 * DAY_NS, 9 * DAY_NS).status is Status.OK
    assert doctor.check_clock(10 * DAY_NS, 12 * DAY_NS).status is Status.FAIL


def test_a_missing_browser_is_only_a_warning() -> None:
    assert doctor.check_browser(lambda _name: None).status is Status.WARN
    assert doctor.check_browser(lambda name: f"/bin/{name}").status is Status.OK
