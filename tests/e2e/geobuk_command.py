"""Runs the installed command as a person or a script would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("geobuk")


@dataclass(frozen=True)
class Answer:
    """What the command said."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> dict[str, Any]:
        """Standard output as one JSON object."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def geobuk(*arguments: str, folder: Path | None = None, **env: str) -> Answer:
    """Run the command in a folder, with variables added to the environment."""
    return _run([str(COMMAND), *arguments], folder, env)


def in_shell(script: str, folder: Path) -> Answer:
    """Run a shell script with the command on its path."""
    return _run(["/bin/bash", "-c", script], folder, {"PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"})


def _run(words: list[str], folder: Path | None, env: dict[str, str]) -> Answer:
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **env},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)
