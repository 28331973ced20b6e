"""A person's first strategy file: real, working, and passing `geobuk strategy check` as it stands."""

from pathlib import Path

from geobuk.data.atomic import storage_error
from geobuk.domain.errors import UserError
from geobuk.strategies.template import template


def new_strategy(name: str, folder: Path) -> Path:
    """Write ``<name>.py`` into a folder; an existing file is never overwritten.

    Raises
    ------
    StrategyError : a name that can't be one.
    UserError : a file that is there.
    StorageError : the folder can't be written.
    """
    stem = name.removesuffix(".py")
    text, path = template(stem), folder / f"{stem}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{path} is there already", cure="choose another name, or move that file away") from None
    except OSError as error:
        raise storage_error(path, error, elsewhere="change to another folder") from error
    return path
