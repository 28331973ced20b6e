"""Looks at the machine: what is missing, and how to mend it. Knows no room: folders and versions come as arguments."""

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

_GIGABYTE = 1_000_000_000
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_REINSTALL = "run `make setup` in Geobuk's folder"


class Status(StrEnum):
    """OK; WARN where something works less well; FAIL where it does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One look. ``cure`` is empty where nothing is to be done."""

    name: str
    status: Status
    text: str
    cure: str = ""


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Check:
    """Python 3.11 to 3.13."""
    text = f"Python {version[0]}.{version[1]}"
    if (3, 11) <= version <= (3, 13):
        return Check("python", Status.OK, text)
    return Check("python", Status.FAIL, text, "install Python 3.11, 3.12 or 3.13, remove .venv and run `make setup`")


def check_packages(distributions: Iterable[tuple[str, str]]) -> list[Check]:
    """Each (distribution, module) is installed and can be imported."""
    return [_check_package(distribution, module) for distribution, module in distributions]


def _check_package(distribution: str, module: str) -> Check:
    name = f"package {distribution}"
    try:
        version = metadata.version(distribution)
        importlib.import_module(module)
    except metadata.PackageNotFoundError:
        return Check(name, Status.FAIL, "not installed", _REINSTALL)
    except Exception as error:  # a broken binary raises whatever it likes
        return Check(name, Status.FAIL, f"{version} can't be imported: {error}", f"remove .venv and {_REINSTALL}")
    return Check(name, Status.OK, version)


def check_indicators() -> Check:
    """TA-Lib computes a mean of three numbers as it should."""
    try:
        import numpy as np
        import talib

        value = float(talib.SMA(np.array([1.0, 2.0, 6.0]), timeperiod=3)[-1])
    except Exception as error:  # a broken binary raises whatever it likes
        return Check("indicators", Status.FAIL, f"TA-Lib does not work: {error}", f"remove .venv and {_REINSTALL}")
    if value != 3.0:
        return Check(
            "indicators", Status.FAIL, f"TA-Lib says the mean of 1, 2, 6 is {value}", f"remove .venv and {_REINSTALL}"
        )
    return Check("indicators", Status.OK, f"TA-Lib {metadata.version('TA-Lib')} computes")


def check_writable(name: str, folder: Path, cure: str) -> Check:
    """A file can be written into ``folder``, which is made if need be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        return Check(name, Status.FAIL, f"{folder}: {(error.strerror or str(error)).lower()}", cure)
    return Check(name, Status.OK, str(folder))


def check_kernels(folder: Path) -> Check:
    """The cache of compiled kernels can be written, and has been filled."""
    look = check_writable("kernels", folder, "make it writable, or set GEOBUK_CACHE to a folder that is")
    if look.status is not Status.OK:
        return look
    if folder.parent == Path(tempfile.gettempdir()):
        cure = "every run compiles anew: make ~/.cache writable, or set GEOBUK_CACHE to a folder that is"
        return Check("kernels", Status.WARN, f"only a temporary cache in {folder}", cure)
    count = sum(1 for _ in folder.rglob("*.nbc"))
    if count == 0:
        return Check(
            "kernels",
            Status.WARN,
            f"nothing compiled yet in {folder}",
            "the first backtest compiles: some seconds, once",
        )
    return Check("kernels", Status.OK, f"{count} compiled in {folder}")


def check_disk(folder: Path, needed_bytes: int = 2 * _GIGABYTE) -> Check:
    """Enough free space where ``folder`` is, or will be."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / _GIGABYTE:.1f} GB free at {place}"
    if free >= needed_bytes:
        return Check("disk", Status.OK, text)
    status = Status.FAIL if free < needed_bytes // 20 else Status.WARN
    return Check("disk", status, text, f"free some: {needed_bytes / _GIGABYTE:.0f} GB is comfortable")


def check_machine(meminfo: Path = Path("/proc/meminfo")) -> Check:
    """Cores that this process may use, and memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    kilobytes = _memory_kilobytes(meminfo)
    if kilobytes is None:
        return Check("machine", Status.OK, f"{cores} cores; memory not known")
    text = f"{cores} cores, {kilobytes * 1024 / _GIGABYTE:.1f} GB memory"
    if kilobytes * 1024 >= 2 * _GIGABYTE:
        return Check("machine", Status.OK, text)
    return Check("machine", Status.WARN, text, "below 2 GB use fewer instruments or a coarser interval")


def _memory_kilobytes(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("MemTotal:")), None)


def check_clock(now_ns: int, released_at_ns: int) -> Check:
    """The clock is not before the newest file of this installation."""
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    text = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now_ns + 86_400_000_000_000 >= released_at_ns:
        return Check("clock", Status.OK, text)
    return Check(
        "clock",
        Status.FAIL,
        f"{text} is before Geobuk itself was made",
        "set the machine's clock (timedatectl set-ntp true)",
    )


def check_browser(find: Callable[[str], str | None] = shutil.which) -> Check:
    """A browser for the tests that look at a report; no run needs it."""
    found = next((path for name in _BROWSERS if (path := find(name))), None)
    if found:
        return Check("browser", Status.OK, f"{found} (for tests only)")
    return Check(
        "browser", Status.WARN, "no chromium: the tests that look at a report skip", "apt-get install chromium"
    )
