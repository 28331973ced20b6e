"""Two ways to say something: one JSON object for machines, a console for people."""

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 160
"""Columns where no terminal says how many it has: a table in a file is not to be cut."""


def print_json(value: object) -> None:
    """Exactly one JSON object on standard output; numbers that are not finite become null."""
    import msgspec

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain)).decode())
    sys.stdout.write("\n")
    sys.stdout.flush()


def _plain(value: Any) -> Any:
    """Arrays and array scalars as lists and numbers; raises NotImplementedError for what has no JSON form."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def console() -> "Console":
    """Standard output for people."""
    from rich.console import Console

    piped = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPED_WIDTH
    return Console(highlight=False, width=piped)


def error_console() -> "Console":
    """Standard error for people."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)
