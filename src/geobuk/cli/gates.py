"""`geobuk gates`: what a recorded run would have to show before it may trade money, and whether it does."""

from typing import Annotated

import typer

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Json, Set, chosen_language
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar


def gates(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Id of a recorded run, its beginning, its file, or `last`.")
    ],
    set_: Set = None,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", help="Language of the lines.")] = "",
    json_: Json = False,
) -> None:
    """Walk forward, drawdown, ruin, liquidation, over-fitting, paper trading: pass or fail, line by line.

    The run is repeated and judged; the evidence is kept beside its record. Missing evidence fails. Limits are settings
    under [gates]. Exits with 6 unless every gate is passed.

    [bold]Examples[/bold]
    $ geobuk gates last
    $ geobuk gates 662e94fd --set gates.test_days=30 --json
    """
    from geobuk.app.gates import perform_gates
    from geobuk.app.home import default_home
    from geobuk.cli import gates_views

    language = chosen_language(lang) if lang else None
    with progress_bar(quiet=json_) as progress:
        found, path, settings = perform_gates(default_home(), run, progress, sets=tuple(set_ or ()))
    if json_:
        print_json(gates_views.as_json(found, path))
    else:
        gates_views.show(console(), found, path, language or settings.report.language)
    if not found.passed:
        raise typer.Exit(ExitCode.NOT_PASSED)
