"""What the doctor looks at in a home."""

from pathlib import Path

import pytest

from geobuk.app.diagnosis import diagnose
from geobuk.app.home import Home
from geobuk.ops.doctor import Check, Status


def looks(root: Path) -> dict[str, Check]:
    return {check.name: check for check in diagnose(Home(root))}


def test_an_empty_home_is_whole(tmp_path: Path) -> None:
    found = looks(tmp_path / "new")
    assert {"python", "package numba", "indicators", "kernels", "home", "disk", "clock", "browser"} <= set(found)
    assert not [check for check in found.values() if check.status is Status.FAIL]
    assert found["catalog"].text == "empty"
    assert found["settings"].text == "defaults (no settings.toml)"


def test_settings_that_can_not_stand_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[report]\nlanguage = 'fr'\n", encoding="utf-8")
    found = looks(tmp_path)["settings"]
    assert found.status is Status.FAIL
    assert "line 2" in found.text
    assert found.cure == 'it must be "en" or "ko"'


def test_a_damaged_catalog_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "catalog" / "venue=binance" / "instrument=BTCUSDT" / "kind=bars" / "interval=1h"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    found = looks(tmp_path)["catalog"]
    assert found.status is Status.FAIL
    assert "import its data again" in found.cure


def test_the_persons_own_home_is_looked_at_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEOBUK_HOME", str(tmp_path))
    assert next(check.text for check in diagnose() if check.name == "home") == str(tmp_path)
