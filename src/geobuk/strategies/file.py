"""A person's own strategy file: loaded by path, with a plain answer for everything that can be wrong with it."""

import importlib.util
import sys
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from geobuk.domain.errors import StrategyError, UserError
from geobuk.strategies.contract import describe_place
from geobuk.strategies.declared import require_complete, strategies_in
from geobuk.strategies.strategy import Strategy


def is_file(name_or_path: str) -> bool:
    """Whether the text means a file (``mine.py``, ``folder/mine``, ``mine.py:Mine``) rather than a strategy's name."""
    return ".py" in name_or_path or "/" in name_or_path or "\\" in name_or_path


def load_file(text: str) -> type[Strategy]:
    """The one strategy class of a file, or the class named after a colon.

    The file is read afresh each time, runs as a module of its own, and leaves nothing beside itself on the disk.

    Raises
    ------
    StrategyError
        When the file is missing, is not Python (the line is named), fails while it runs, or holds no strategy, several
        without a name to choose by, or an incomplete one.
    """
    path, wanted = _split(text)
    if not path.is_file():
        raise StrategyError(
            f"there is no strategy file {path}",
            cure="check the path, or begin one with: geobuk strategy new my_strategy",
        )
    module = _run(path)
    kinds = strategies_in(module.__name__)
    if wanted:
        kinds = [kind for kind in kinds if kind.__name__ == wanted] or _refuse_name(path, wanted, kinds)
    if not kinds:
        raise StrategyError(
            f"{path.name} defines no strategy",
            cure="write a class that derives from geobuk.Strategy, or begin with: geobuk strategy new my_strategy",
        )
    if len(kinds) > 1:
        names = [kind.__name__ for kind in kinds]
        raise StrategyError(
            f"{path.name} defines {len(kinds)} strategies: {', '.join(names)}",
            cure=f"name one, such as {path}:{names[0]}",
        )
    return require_complete(kinds[0], path.name)


def _split(text: str) -> tuple[Path, str]:
    before, colon, after = text.rpartition(":")
    if colon and before.endswith(".py") and after.isidentifier():
        return Path(before).expanduser(), after
    return Path(text).expanduser(), ""


def _refuse_name(path: Path, wanted: str, kinds: list[type[Strategy]]) -> list[type[Strategy]]:
    names = ", ".join(kind.__name__ for kind in kinds) or "none"
    raise StrategyError(f"{path.name} defines no strategy class {wanted}", cure=f"it defines: {names}")


class _UncachedLoader(SourceFileLoader):
    """Reads the source each time and writes no byte code: an edit always counts."""

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError(f"no byte code for {path}")


def _run(path: Path) -> ModuleType:
    full = str(path.resolve())
    name = f"geobuk_file_{path.stem.replace('-', '_')}_{sha256(full.encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, full, loader=_UncachedLoader(name, full))
    if spec is None or spec.loader is None:
        raise StrategyError(f"{path} can't be loaded as Python", cure="give a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before
        if isinstance(error, UserError) or not isinstance(error, Exception | SystemExit):
            raise
        raise _explained(path, full, error) from error
    return module


def _explained(path: Path, full: str, error: BaseException) -> StrategyError:
    if isinstance(error, SyntaxError) and error.filename == full:
        line = f": {error.text.strip()}" if error.text else ""
        return StrategyError(
            f"{path.name} line {error.lineno} is not Python ({error.msg}){line}", cure="correct the line"
        )
    if isinstance(error, ValueError | SyntaxError) and not _was_run(error, full):
        return StrategyError(f"{path.name} is not readable as Python source: {error}", cure="save it as UTF-8 text")
    if isinstance(error, OSError) and not _was_run(error, full):
        return StrategyError(f"{path} can't be read: {error.strerror or error}", cure="check its permissions")
    if isinstance(error, ModuleNotFoundError):
        return StrategyError(
            f"{path.name} needs the package {error.name!r}, which is not installed",
            cure="install it into the environment of geobuk, or do without it",
        )
    cause = str(error).strip() or "no message"
    return StrategyError(
        f"{describe_place(error, full)} failed while loading with {type(error).__name__}: {cause}",
        cure="correct the line",
    )


def _was_run(error: BaseException, full: str) -> bool:
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == full:
            return True
        trace = trace.tb_next
    return False
