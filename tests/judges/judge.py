"""A client in its own environment and process, asked verb by verb over its standard input and output."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-clients" / "bin" / "python"
CLIENTS = Path(__file__).resolve().parent / "clients"
_PATIENCE_S = 60.0


class RefusedByVenueError(AssertionError):
    """The client raised where an answer was expected."""


class Judge:
    """A running client."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self._process = process

    @classmethod
    async def start(cls, name: str) -> Self:
        """Start the script of a client; it imports its library before the first answer."""
        process = await asyncio.create_subprocess_exec(
            str(PYTHON),
            str(CLIENTS / f"{name}_client.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 24,
            env={key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}},
        )
        return cls(name, process)

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """The answer; RefusedByVenueError where the client raised."""
        answer = await self._answer(verb, arguments)
        if "error" in answer:
            raise RefusedByVenueError(f"{self.name} could not {verb} {arguments}: {answer['error']}")
        return answer["ok"]

    async def ask_refused(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """The error that the client raised; fails where it did not."""
        answer = await self._answer(verb, arguments)
        assert "error" in answer, f"{self.name} was not refused: {verb} {arguments} gave {answer}"
        error: dict[str, Any] = answer["error"]
        return error

    async def stop(self) -> None:
        """End the client and its process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._process._transport.close()  # type: ignore[attr-defined]

    async def _answer(self, verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._process.stdin.write(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), _PATIENCE_S)
        if not line:
            said = (await self._process.stderr.read()).decode()[-2000:]
            raise AssertionError(f"{self.name} ended without an answer to {verb}: {said}")
        answer: dict[str, Any] = json.loads(line)
        return answer
