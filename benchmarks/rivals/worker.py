"""The rivals' side of a measurement: answers one JSON request a line with one JSON line.

Runs in the rivals' environment and knows nothing of Geobuk. A request names a module of this folder, a function of
it and its keyword arguments; whatever a rival prints goes to standard error.
"""

import contextlib
import importlib
import json
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what the request asks: ``versions`` of packages, or a ``call`` such as ``vectorbt_sweep:measure``."""
    if "versions" in request:
        return {name: _version(name) for name in request["versions"]}
    module, _, function = request["call"].partition(":")
    result: dict[str, Any] = getattr(importlib.import_module(module), function)(**request["arguments"])
    return result


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def serve() -> None:
    """Answer until standard input ends."""
    channel = sys.stdout
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            try:
                reply = {"result": answer(json.loads(line))}
            except Exception as error:  # the other side decides what a failed rival means
                reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=channel, flush=True)


if __name__ == "__main__":
    serve()
