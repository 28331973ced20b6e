"""Runs in the clients' own environment: one verb a line on standard input, one answer a line on standard output.

The verbs are the same for every client; each client does them with its own library's calls and parsing.
"""

import asyncio
import json
import sys
import traceback
from typing import Any, Protocol


class Client(Protocol):
    """What a judge can be asked; every answer is made of what the library itself parsed."""

    async def connect(self, base: str, key: str, secret: str) -> dict[str, Any]: ...
    async def close(self) -> None: ...


async def serve(client: Client) -> None:
    """Answer verbs until standard input ends."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        verb = asked.pop("verb")
        try:
            answer: dict[str, Any] = {"ok": await getattr(client, verb)(**asked)}
        except Exception as error:  # whatever the library raises is an answer
            answer = {"error": {"type": type(error).__name__, "code": _code(error), "text": str(error)[:400]}}
            if "--debug" in sys.argv:
                traceback.print_exc()
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()
    await client.close()


def _code(error: Exception) -> int | None:
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    text = str(error)
    for piece in text.replace(",", " ").replace("}", " ").replace(":", " ").replace("=", " ").split():
        if piece.startswith("-") and piece[1:].isdigit():
            return int(piece)
    return None


def same(value: Any) -> str | None:
    """A number as text, as the library gave it; None stays."""
    return None if value is None else str(value)
