"""The one place that compiles kernels.

Numba's cache does not notice when a kernel in another file changes, so the cache folder is named after a hash of all
kernel sources, the versions of numba and numpy, the Python version and the CPU. Rooms write ``@kernel``, ``@step`` and
``@inlined``.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_ROOMS = ("quant", "features", "matching", "regime", "risk", "simulate", "data")

_VERSIONS_KEPT = 12

F = TypeVar("F", bound=Callable[..., Any])


def kernel_sources() -> list[Path]:
    """Every source file that may hold a kernel, in a stable order."""
    rooms = (path for room in _KERNEL_ROOMS for path in (_PACKAGE / room).rglob("*.py"))
    venues = (_PACKAGE / "venues").rglob("*_kernels.py")
    return sorted([*rooms, *venues, _PACKAGE / "panel.py", _PACKAGE / "terms.py", Path(__file__).resolve()])


@cache
def code_hash() -> str:
    """SHA-256 over all kernel sources: the code version that a result records."""
    digest = sha256()
    for path in kernel_sources():
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def cache_folder() -> Path:
    """Folder of the compiled kernels for exactly this code on exactly this machine, made if missing.

    ``GEOBUK_CACHE`` names its parent, which keeps the folders of the newest versions only. Where it can't be written,
    kernels are cached in a temporary folder.
    """
    key = "|".join((code_hash(), version("numba"), version("numpy"), sys.version, platform.machine(), _cpu_model()))
    base = Path(os.environ.get("GEOBUK_CACHE") or Path.home() / ".cache" / "geobuk")
    folder = base / f"kernels-{sha256(key.encode()).hexdigest()[:20]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        forget_old_versions(base)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="geobuk-kernels-"))
    return folder


def forget_old_versions(base: Path) -> None:
    """Remove the kernel folders that were used longest ago, all but the newest few."""
    folders = sorted(base.glob("kernels-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_VERSIONS_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


vars(numba.config)["CACHE_DIR"] = str(cache_folder())


def kernel(function: F) -> F:
    """Compile a function for the decision path: cached, without the GIL, IEEE arithmetic (no fast-math)."""
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast(F, compiled)


def step(function: F) -> F:
    """Like :func:`kernel`, for a step that must melt into the loop that calls it."""
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function)
    return cast(F, compiled)


def inlined(function: F) -> F:
    """Like :func:`step`, for one that one caller calls once: its lines are put there before anything is compiled.

    Each level of steps is optimised by itself on the way up; a level that is no function of its own spares that.
    """
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function)
    return cast(F, compiled)


unsigned: Any = numba.uint64
"""Makes an index that can't be negative, so that the compiler need not ask whether it counts from the end."""


def _borrow(typing_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = make_array(signature.args[0])(context, builder, value=arguments[0])  # type: ignore[no-untyped-call]
        view.meminfo = view.meminfo.type(None)
        view.parent = view.parent.type(None)
        return view._getvalue()

    return array(array), generate


borrowed: Any = intrinsic(_borrow)
"""A view of an array inside a kernel whose references are not counted; the caller keeps the array alive.

Counting is atomic and would be repeated for each array in each step; a view without an owner needs none.
"""
