"""`geobuk explain`: why a recorded run decided as it did, as a chain of steps, a table, or one JSON object."""

from typing import Annotated

import typer

from geobuk.cli.options import Json, chosen_language
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar


def explain(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run or its beginning, its record, or `last`.")],
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Such as 2024-05-01T12:00: UTC (krx: Korean time) without an offset; a date means its last bar. "
            "Default: the last decision.",
        ),
    ] = "",
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="NAME", help="The whole chain of this one. Default: a table of all.")
    ] = "",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Explain with today's data and code where they changed since the run.")
    ] = False,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", help="Default: that of the run's report.")] = "",
    json_: Json = False,
) -> None:
    """Say why a run decided as it did: forecast, regime, wish, each cap, order or refusal, and what became of it.

    The run is taken again from its record, so its data, parameters and code must be the same. A decision is taken at
    the close of a bar: the last one at or before --at is explained. Streamed runs can't be explained yet.

    [bold]Examples[/bold]
    $ geobuk explain last
    $ geobuk explain last --at 2024-05-01T12:00 --instrument BTCUSDT
    $ geobuk explain 3f2a --at 2024-05-01 --lang ko --json
    """
    from geobuk.app.explain import explain_run
    from geobuk.app.home import default_home
    from geobuk.cli import explain_views

    language = chosen_language(lang) if lang else None
    with progress_bar(quiet=json_) as progress:
        found = explain_run(default_home(), run, at, instrument=instrument, anyway=anyway, progress=progress)
    if json_:
        print_json(explain_views.as_json(found, instrument))
    else:
        explain_views.show(console(), found, instrument, language or found.language)
