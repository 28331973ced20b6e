"""What a person does with history: import files and trading rules."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from geobuk.app.home import Home
from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportReport, ImportSpec, import_file
from geobuk.data.instruments import RulesImport, import_exchange_info
from geobuk.domain.errors import UserError
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress


def import_history(home: Home, spec: ImportSpec, progress: Progress | None = None) -> ImportReport:
    """Import one file into the home's catalog."""
    return import_file(Catalog(home.catalog_dir), spec, WallClock(), progress)


def column_roles(texts: Sequence[str]) -> Mapping[str, str]:
    """``open=Open`` and the like as role -> column; raises UserError.

    >>> column_roles(["at=time", "open=Open price"])
    {'at': 'time', 'open': 'Open price'}
    """
    roles = {}
    for text in texts:
        role, sign, column = (part.strip() for part in text.partition("="))
        if not (role and sign and column):
            raise UserError(f"--column {text} maps nothing", cure="write it as --column open=NAME_OF_THE_COLUMN")
        roles[role] = column
    return roles


def import_rules(home: Home, exchange_info: Path, brackets: Path | None, venue: str) -> RulesImport:
    """Store a venue's trading rules, from its own JSON answers, as a dated snapshot in the home's catalog."""
    return import_exchange_info(Catalog(home.catalog_dir), exchange_info, brackets, WallClock(), venue=venue)
