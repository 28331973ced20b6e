"""The one place that compiles kernels.

Numba's cache does not notice when a kernel in another file changes, so the cache folder is named after a hash of all
kernel sources, the versions of numba and numpy, the Python version and the CPU. Rooms write ``@kernel``.
"""

import os
import platform
import sys
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_ROOMS = ("quant", "features", "matching", "risk", "simulate")

F = TypeVar("F", bound=Callable[..., Any])


def kernel_sources() -> list[Path]:
    """Every source file that may hold a kernel, in a stable order."""
    return sorted(path for room in _KERNEL_ROOMS for path in (_PACKAGE / room).rglob("*.py"))


def code_hash() -> str:
    """SHA-256 over all kernel sources: the code version that a result records."""
    digest = sha256()
    for path in kernel_sources():
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder of the compiled kernels for exactly this code on exactly this machine."""
    key = "|".join(
        (
            code_hash(),
            version("numba"),
            version("numpy"),
            sys.version,
            platform.machine(),
            platform.processor(),
            _cpu_model(),
        )
    )
    base = Path(os.environ.get("GEOBUK_CACHE") or Path.home() / ".cache" / "geobuk")
    return base / f"kernels-{sha256(key.encode()).hexdigest()[:20]}"


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _use_cache_folder() -> None:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="geobuk-kernels-"))
    import numba

    numba.config.CACHE_DIR = str(folder)


_use_cache_folder()


def kernel(function: F) -> F:
    """Compile a function for the decision path: cached, without the GIL, IEEE arithmetic (no fast-math)."""
    import numba

    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Like :func:`kernel`, for a step that must melt into the loop that calls it."""
    import numba

    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))
