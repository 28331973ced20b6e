"""A conversation with benchmarks/rivals/worker.py in the rivals' environment, one JSON line each way."""

import json
import subprocess
from pathlib import Path
from typing import Any

WORKER = Path(__file__).resolve().parent / "rivals" / "worker.py"


class RivalFailedError(Exception):
    """A rival raised; the case goes on without its figure."""


class RivalProcess:
    """One process of the rivals' interpreter; what it has compiled stays warm from call to call."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(python), "-W", "ignore", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def call(self, function: str, **arguments: object) -> dict[str, Any]:
        """Result of ``module:function`` called with keyword arguments; raises RivalFailedError."""
        return self._ask({"call": function, "arguments": arguments})

    def versions(self, *packages: str) -> dict[str, str | None]:
        """Installed versions of packages."""
        return self._ask({"versions": packages})

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)

    def _ask(self, request: dict[str, object]) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RivalFailedError("the rivals' process has no pipes")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RivalFailedError(f"the rivals' process ended with code {self._process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise RivalFailedError(reply["error"])
        result: dict[str, Any] = reply["result"]
        return result
