"""What the doctor looks at: names the packages and folders that this installation needs."""

from pathlib import Path

from geobuk.app.home import Home, default_home
from geobuk.domain.errors import UserError
from geobuk.ops import doctor
from geobuk.ops.clock import WallClock
from geobuk.ops.doctor import Check, Status

_PACKAGES = (
    ("numpy", "numpy"),
    ("numba", "numba"),
    ("polars", "polars"),
    ("TA-Lib", "talib"),
    ("msgspec", "msgspec"),
    ("Jinja2", "jinja2"),
    ("rich", "rich"),
    ("typer", "typer"),
)


def diagnose(home: Home | None = None) -> list[Check]:
    """Every check, in the order in which a person would mend them."""
    home = home or default_home()
    cure = "make it writable, or set GEOBUK_HOME to a folder that is (export GEOBUK_HOME=...)"
    packages = doctor.check_packages(_PACKAGES)
    usable = {check.name for check in packages if check.status is Status.OK}
    checks = [doctor.check_python(), *packages]
    if "package TA-Lib" in usable:
        checks.append(doctor.check_indicators())
    if "package numba" in usable:
        from geobuk.ops.compiled import cache_folder

        checks.append(doctor.check_kernels(cache_folder()))
    checks += [
        doctor.check_writable("home", home.root, cure),
        doctor.check_disk(home.root),
        doctor.check_machine(),
        doctor.check_clock(WallClock().now_ns(), _installed_at_ns()),
    ]
    if {"package polars", "package numpy"} <= usable:
        checks.append(_check_catalog(home))
    checks += [_check_settings(home), doctor.check_browser()]
    return checks


def _check_catalog(home: Home) -> Check:
    from geobuk.data.catalog import Catalog

    try:
        series = Catalog(home.catalog_dir).series()
    except UserError as error:
        return Check("catalog", Status.FAIL, error.message, error.cure)
    if not series:
        return Check(
            "catalog", Status.OK, "empty", "bring in history with `geobuk data import FILE`; the demo needs none"
        )
    return Check("catalog", Status.OK, f"{len(series)} series of {len({one.venue for one in series})} venues")


def _check_settings(home: Home) -> Check:
    from geobuk.app.settings import load_settings

    try:
        load_settings(home=home)
    except UserError as error:
        return Check("settings", Status.FAIL, error.message, error.cure)
    there = home.settings_file.is_file()
    return Check("settings", Status.OK, str(home.settings_file) if there else "defaults (no settings.toml)")


def _installed_at_ns() -> int:
    package = Path(__file__).resolve().parent.parent
    return max(path.stat().st_mtime_ns for path in package.rglob("*.py"))
