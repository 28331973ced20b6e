"""The kernel cache must never serve yesterday's risk rules."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import geobuk
from geobuk.ops import compiled
from geobuk.panel import FloatArray

SOURCE = Path(geobuk.__file__).resolve().parent


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small package of its own in place of the real one, with a kernel in each room."""
    for name in ("quant/grid.py", "features/trend.py", "matching/costs.py", "risk/sizing.py", "simulate/loop.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "panel.py").write_text("x = 1\n")
    (tmp_path / "terms.py").write_text("x = 1\n")
    own = tmp_path / "ops" / "compiled.py"
    own.parent.mkdir()
    own.write_text("x = 1\n")
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path)
    monkeypatch.setattr(compiled, "__file__", str(own))
    monkeypatch.setenv("GEOBUK_CACHE", str(tmp_path / "cache"))
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    compiled.code_hash.cache_clear()
    compiled.cache_folder.cache_clear()


def fresh() -> tuple[str, Path]:
    """Code hash and cache folder as a new process would see them."""
    forget()
    return compiled.code_hash(), compiled.cache_folder()


@pytest.mark.parametrize(
    "name",
    ["quant/grid.py", "features/trend.py", "matching/costs.py", "risk/sizing.py", "simulate/loop.py", "panel.py"],
)
def test_a_changed_kernel_source_moves_the_cache(package: Path, name: str) -> None:
    before = fresh()
    (package / name).write_text("x = 2\n")
    after = fresh()
    assert before[0] != after[0]
    assert before[1] != after[1]
    (package / name).write_text("x = 1\n")
    assert fresh() == before


def test_a_new_or_renamed_kernel_file_moves_the_cache(package: Path) -> None:
    before = fresh()
    (package / "risk" / "more.py").write_text("x = 1\n")
    added = fresh()
    (package / "risk" / "more.py").rename(package / "risk" / "other.py")
    assert len({before[1], added[1], fresh()[1]}) == 3


def test_another_version_of_numba_moves_the_cache(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fresh()
    monkeypatch.setattr(compiled, "version", lambda name: f"{name} of another day")
    after = fresh()
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_another_processor_moves_the_cache(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fresh()
    monkeypatch.setattr(compiled, "_cpu_model", lambda: "another processor")
    assert fresh()[1] != before[1]


def test_a_folder_that_cannot_be_made_is_replaced_by_a_temporary_one(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (package / "file").write_text("in the way")
    monkeypatch.setenv("GEOBUK_CACHE", str(package / "file"))
    _, folder = fresh()
    assert folder.is_dir()
    assert package not in folder.parents


def test_every_file_with_a_kernel_belongs_to_the_hash() -> None:
    known = set(compiled.kernel_sources())
    users = {path for path in SOURCE.rglob("*.py") if "geobuk.ops.compiled import" in path.read_text(encoding="utf-8")}
    kernels = {path for path in users if "@kernel" in (text := path.read_text(encoding="utf-8")) or "@step" in text}
    assert kernels
    assert kernels <= known


def test_sources_are_listed_in_a_stable_order() -> None:
    assert compiled.kernel_sources() == sorted(set(compiled.kernel_sources()))


@compiled.kernel
def doubled_in_place(values: FloatArray) -> float:
    view = compiled.borrowed(values)
    total = 0.0
    for i in range(view.shape[0]):
        view[i] *= 2.0
        total += view[i]
    return total


def test_a_borrowed_view_reads_and_writes_the_array_itself() -> None:
    values = np.arange(5.0)
    assert doubled_in_place(values) == 20.0
    assert values.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_a_borrowed_view_knows_slices_and_emptiness() -> None:
    values = np.arange(10.0)
    assert doubled_in_place(values[4:6]) == 18.0
    assert values.tolist() == [0, 1, 2, 3, 8, 10, 6, 7, 8, 9]
    assert doubled_in_place(np.zeros(0)) == 0.0


def test_kernels_divide_as_ieee_says() -> None:
    assert np.isinf(divided(1.0, 0.0))
    assert np.isnan(divided(0.0, 0.0))


@compiled.kernel
def divided(a: float, b: float) -> float:
    return a / b


def test_only_the_newest_versions_keep_their_kernels(tmp_path: Path) -> None:
    for age in range(20):
        folder = tmp_path / f"kernels-{age:02d}"
        folder.mkdir()
        os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "something-else").mkdir()
    compiled.forget_old_versions(tmp_path)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [*(f"kernels-{age:02d}" for age in range(12)), "something-else"]
