"""`geobuk venue`: what venues can do, what is there now, whether it may be traded at, and its market on tape."""

from pathlib import Path
from typing import Annotated

import typer

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Json, Set, SettingsFile, names
from geobuk.cli.output import console, error_console, print_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Venues: see, test, record.")
VenueName = Annotated[str, typer.Argument(metavar="VENUE", help="Which venue: binance.")]
Url = Annotated[
    str, typer.Option("--url", metavar="ADDRESS", help="One address for everything, such as an emulator's.")
]


@app.callback()
def venue() -> None:
    """Venues: what they can do, what is there, whether they may be traded at, their market on tape.

    Keys are read from GEOBUK_BINANCE_KEY and GEOBUK_BINANCE_SECRET; addresses are settings under [venues.binance].
    """


@app.command("ls")
def ls(json_: Json = False) -> None:
    """The capability table: what can be asked of each venue.

    [bold]Examples[/bold]
    $ geobuk venue ls
    $ geobuk venue ls --json
    """
    from geobuk.app.venues import capability_table
    from geobuk.cli import venue_views

    table = capability_table()
    if json_:
        print_json(venue_views.capabilities_json(table))
    else:
        venue_views.show_capabilities(console(), table)


@app.command("show")
def show(name: VenueName, url: Url = "", set_: Set = None, settings: SettingsFile = None, json_: Json = False) -> None:
    """The account, what is held and which orders are open, as the venue sees them. Sends no order.

    [bold]Examples[/bold]
    $ geobuk venue show binance
    $ geobuk venue show binance --url http://127.0.0.1:8790 --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.venues import VenueRequest, look
    from geobuk.cli import venue_views

    seen = look(default_home(), VenueRequest(name, url, settings, tuple(set_ or ())))
    if json_:
        print_json(venue_views.seen_json(seen))
    else:
        venue_views.show_seen(console(), seen)


@app.command("check")
def check(
    name: VenueName,
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="NAME", help="Where the small orders are placed.")
    ] = "BTCUSDT",
    acknowledge: Annotated[
        bool, typer.Option("--acknowledge", help="Expect the replies' fields as they are now.")
    ] = False,
    url: Url = "",
    set_: Set = None,
    settings: SettingsFile = None,
    json_: Json = False,
) -> None:
    """The daily self-test: clock, limits, rules, a far order and a far stop placed and cancelled, reply fields.

    Leaves nothing behind. Exits with 7 where anything failed: trading is blocked then, with the reason.

    [bold]Examples[/bold]
    $ geobuk venue check binance --set venues.binance.system=testnet
    $ geobuk venue check binance --url http://127.0.0.1:8790 --set venues.binance.allow_unrestricted_ip=true
    """
    from geobuk.app.home import default_home
    from geobuk.app.venues import VenueRequest
    from geobuk.app.venues import check as run_check
    from geobuk.cli import venue_views

    request = VenueRequest(name, url, settings, tuple(set_ or ()))
    report = run_check(default_home(), request, instrument, acknowledge=acknowledge)
    if json_:
        print_json(venue_views.report_json(report))
    else:
        venue_views.show_report(console(), report)
    if not report.is_ok:
        raise typer.Exit(ExitCode.BLOCKED)


@app.command("record")
def record(
    name: VenueName,
    instruments: Annotated[str, typer.Option("--instruments", metavar="A,B", help="What to record.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the tapes.")],
    for_: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", help="How long. Default: until Ctrl-C.")
    ] = None,
    url: Url = "",
    set_: Set = None,
    settings: SettingsFile = None,
    json_: Json = False,
) -> None:
    """Record trades, quotes, depth and marks to tapes that can be replayed; needs no key.

    [bold]Examples[/bold]
    $ geobuk venue record binance --instruments BTCUSDT,ETHUSDT --out tapes
    $ geobuk venue record binance --instruments BTCUSDT --out tapes --for 60 --url http://127.0.0.1:8790
    """
    from geobuk.app.home import default_home
    from geobuk.app.venues import VenueRequest
    from geobuk.app.venues import record as run_record
    from geobuk.cli import venue_views

    told = error_console()
    request = VenueRequest(name, url, settings, tuple(set_ or ()))
    recorded = run_record(
        default_home(),
        request,
        names(instruments),
        out,
        for_,
        lambda line: None if json_ else told.print(line, style="dim", markup=False),
    )
    if json_:
        print_json(venue_views.recorded_json(recorded))
    else:
        venue_views.show_recorded(console(), recorded)
