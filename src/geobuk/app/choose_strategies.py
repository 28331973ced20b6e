"""From names, files and parameter tables to strategy objects. Knows no market and no money."""

from collections.abc import Mapping, Sequence

from geobuk.app.settings import Settings
from geobuk.domain.errors import UserError
from geobuk.strategies.file import is_file
from geobuk.strategies.registry import available, load
from geobuk.strategies.strategy import Strategy


def split_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Names out of repeated, comma-separated options; raises UserError when there is none.

    >>> split_names(["trend,funding_carry", "mine.py"])
    ('trend', 'funding_carry', 'mine.py')
    """
    names = tuple(name.strip() for text in texts for name in text.split(",") if name.strip())
    if not names:
        raise UserError(
            "no strategy is named", cure=f"name one or more of {', '.join(sorted(available()))}, or a .py file"
        )
    return names


def parameter_tables(names: Sequence[str]) -> dict[str, type[Strategy]]:
    """Whose parameters may stand in the settings: every strategy there is, and the files named."""
    classes = dict(available())
    for name in names:
        if name not in classes:
            kind = type(load(name))
            classes |= {name: kind, kind.name: kind}
    return classes


def choose_strategies(names: Sequence[str], settings: Settings) -> tuple[Strategy, ...]:
    """The named strategies with the parameters that the settings give them; raises UnknownNameError, StrategyError."""
    return tuple(load(name, _parameters(name, settings.strategies)) for name in names)


def _parameters(name: str, tables: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    if name in tables:
        return tables[name]
    return tables.get(load(name).name, {}) if is_file(name) else {}
