"""Environments of other people's software, .venv-NAME: made from hashed locks when missing or stale.

``python benchmarks/rivals_env.py NAME…`` makes them now.
"""

import os
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LOCK_FOLDERS = (ROOT / "benchmarks", ROOT / "tests" / "judges")


def rivals_python(name: str = "rivals") -> Path | None:
    """Interpreter of an environment that matches its lock file; None, said on standard error, if it can't be made.

    The lock is ``<name>.lock`` in benchmarks, or beside the tests whose judges it holds.
    """
    folder = ROOT / f".venv-{name}"
    lock = next(path for base in _LOCK_FOLDERS if (path := base / f"{name}.lock").is_file())
    stamp = folder / ".installed"
    wanted = sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    print(f"installing {lock.name} into {folder.name} (about a minute)", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    quiet = [
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "-r",
        str(lock),
    ]
    done = subprocess.run(
        [str(python), *quiet], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        print(f"{lock.name} could not be installed, so it is not measured:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    stamp.write_text(wanted, encoding="utf-8")
    return python


if __name__ == "__main__":
    sys.exit(0 if all(rivals_python(name) for name in sys.argv[1:]) else 1)
