"""Turns whatever went wrong into one panel (or one JSON object) and an exit code. A person never sees a traceback."""

import traceback
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.output import error_console, print_json
from geobuk.domain.errors import LookAheadError, UserError

_TITLES = {
    ExitCode.DEFECT: "defect",
    ExitCode.LOOK_AHEAD: "it sees the future: its results mean nothing",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person or a machine is told. ``kind`` is the name of the error's class."""

    kind: str
    code: ExitCode
    message: str
    cure: str = ""
    suggestions: tuple[str, ...] = ()


def tell(error: Exception, *, as_json: bool) -> ExitCode:
    """Say what went wrong, once, and return the exit code."""
    failure = explain(error)
    if as_json:
        print_json({"error": asdict(failure)})
    else:
        _show(failure)
    return failure.code


def explain(error: Exception) -> Failure:
    """The failure behind an exception; a defect's traceback goes to the log."""
    if isinstance(error, UserError):
        code = ExitCode.LOOK_AHEAD if isinstance(error, LookAheadError) else ExitCode.MISTAKE
        suggestions = tuple(getattr(error, "suggestions", ()))
        return Failure(type(error).__name__, code, error.message, error.cure, suggestions)
    if hasattr(error, "format_message"):  # the command line's own errors, whichever library version raises them
        return Failure("UsageError", ExitCode.MISTAKE, error.format_message(), _help_hint(error))
    if isinstance(error, OSError) and error.errno is not None:
        from geobuk.data.atomic import storage_error

        refused = storage_error(Path(error.filename or "a file"), error)
        return Failure("StorageError", ExitCode.MISTAKE, refused.message, refused.cure)
    if isinstance(error, MemoryError):
        return Failure(
            "MemoryError", ExitCode.MISTAKE, "not enough memory", "use fewer instruments or a coarser interval"
        )
    return _defect(error)


def _help_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"see `{context.command_path if context else 'geobuk'} --help`"


def _defect(error: Exception) -> Failure:
    log = _logged(error)
    where = f"the traceback is in {log}: " if log else ""
    cure = f"{where}please report it with `geobuk doctor --json` and the command"
    return Failure(type(error).__name__, ExitCode.DEFECT, f"a defect of Geobuk, not yours: {error}", cure)


def _logged(error: Exception) -> Path | None:
    """Append the traceback to the log; None where even that can't be written."""
    from geobuk.app.home import default_home
    from geobuk.ops.clock import WallClock

    at = datetime.fromtimestamp(WallClock().now_ns() // 1_000_000_000, UTC)
    log = default_home().defect_log
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- {at.isoformat()}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        return None
    return log


def _show(failure: Failure) -> None:
    from rich.panel import Panel
    from rich.text import Text

    text = Text(failure.message)
    if failure.cure:
        text.append("\n\n→ ", style="bold green").append(failure.cure)
    title = _TITLES.get(failure.code, "can't do that")
    error_console().print(Panel(text, title=title, title_align="left", border_style="red"))
