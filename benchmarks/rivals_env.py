"""The rivals' own environment, .venv-rivals: made from the hashed lock when it is missing or stale."""

import os
import shutil
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-rivals"
LOCK = ROOT / "benchmarks" / "rivals.lock"
STAMP = FOLDER / ".installed"


def rivals_python() -> Path | None:
    """Interpreter of an environment that matches the lock, or None where it can't be made (said on standard error)."""
    wanted = sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    print(f"installing the rivals into {FOLDER.name} (about a minute)", file=sys.stderr)
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, with_pip=True)
    quiet = [
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "-r",
        str(LOCK),
    ]
    done = subprocess.run(
        [str(python), *quiet], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        print(f"the rivals could not be installed, so only Geobuk is measured:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    STAMP.write_text(wanted, encoding="utf-8")
    return python
