"""Options that several commands share, so that one word means one thing everywhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geobuk.reports.texts import Language

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="Settings file (TOML). Default: settings.toml in GEOBUK_HOME."),
]
Venue = Annotated[
    str, typer.Option("--venue", metavar="NAME", help="Venue of the data, such as binance; or synthetic.")
]
Interval = Annotated[str, typer.Option("--interval", metavar="LENGTH", help="Bar length: 1m, 15m, 1h, 4h, 1d ...")]
Instruments = Annotated[
    str, typer.Option("--instruments", metavar="A,B", help="Only these instruments. Default: all that the data has.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one setting, such as costs.impact=0.5. Repeatable."),
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param", metavar="STRATEGY.NAME=VALUE", help="Set a strategy's parameter, such as trend.pairs=2. Repeatable."
    ),
]


def names(text: str) -> tuple[str, ...]:
    """``A, B`` as names."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def chosen_language(text: str) -> "Language":
    """``en`` or ``ko``; raises UserError for any other text."""
    from geobuk.domain.errors import UserError
    from geobuk.reports.texts import LANGUAGES

    for language in LANGUAGES:
        if text == language:
            return language
    raise UserError(f"{text!r} is no language of Geobuk", cure=f"use {' or '.join(LANGUAGES)}")
