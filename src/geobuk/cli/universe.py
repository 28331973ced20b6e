"""`geobuk universe`: which instruments to trade, as it could have been decided at a moment, and why."""

from typing import Annotated

import typer

from geobuk.cli.options import Interval, Json, Set, SettingsFile, Venue, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar


def universe(
    venue: Venue = "",
    interval: Interval = "",
    at: Annotated[
        str, typer.Option("--at", metavar="DATE", help="Moment of the choice, UTC. Default: the end of the last bar.")
    ] = "",
    capital: Annotated[float | None, typer.Option("--capital", metavar="AMOUNT", help="What is to be shared.")] = None,
    count: Annotated[int | None, typer.Option("--count", metavar="N", help="Most instruments, 10 to 25.")] = None,
    instruments: Annotated[
        str,
        typer.Option("--instruments", metavar="A,B", help="Choose from these only. Default: all that the data has."),
    ] = "",
    keep: Annotated[
        str, typer.Option("--keep", metavar="A,B", help="Names held already: a bonus, so that they change less often.")
    ] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Every reason for and against each candidate.")] = False,
    set_: Set = None,
    settings: SettingsFile = None,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", help="Language of the reasons.")] = "",
    json_: Json = False,
) -> None:
    """Choose 10 to 25 instruments from what was known at a moment: liquid, old enough, cheap to trade, affordable.

    Only bars that had closed by then count. Fewer are chosen where fewer qualify, and the reasons are told. Limits
    and weights are settings under [universe]. Exits with 2 when nobody qualifies.

    [bold]Examples[/bold]
    $ geobuk universe --venue binance --interval 1h --at 2025-01-01 --capital 230 --explain
    $ geobuk universe --venue krx --interval 1d --capital 10000000 --count 20
    $ geobuk universe --venue synthetic --keep SYN1USDT,SYN2USDT --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.universe import UniverseRequest, choose_universe, require_chosen
    from geobuk.cli import universe_views

    request = UniverseRequest(
        venue=venue,
        interval=interval,
        at=at,
        capital=capital,
        count=count,
        instruments=names(instruments),
        held=names(keep),
        language=lang,
        sets=tuple(set_ or ()),
        settings_file=settings,
    )
    with progress_bar(quiet=json_) as progress:
        found = choose_universe(default_home(), request, progress)
    if json_:
        require_chosen(found.universe)
        print_json(universe_views.as_json(found.universe))
        return
    language = found.settings.report.language
    if found.universe.chosen or explain:
        universe_views.show(console(), found.universe, language, explain=explain)
    require_chosen(found.universe)
