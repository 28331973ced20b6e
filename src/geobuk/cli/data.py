"""`geobuk data`: history into the catalog, what is there, and whether it may be used."""

from pathlib import Path
from typing import Annotated

import typer

from geobuk.cli import data_views
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Instruments, Json, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar

app = typer.Typer(help="History: import it, list it, check it.", no_args_is_help=True, rich_markup_mode="rich")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="CSV (.gz), Parquet or Feather.")],
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="Where it was traded, such as binance.")],
    interval: Annotated[
        str, typer.Option("--interval", metavar="LENGTH", help="Bar length. Default: the rows' spacing.")
    ] = "",
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="bars, funding or mark.")] = "bars",
    instrument: Annotated[
        str, typer.Option("--instrument", metavar="NAME", help="The one instrument of a file without a column of them.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="ROLE=NAME", help="Map a column: at=time, open=Open ... Repeatable."),
    ] = None,
    time_unit: Annotated[str, typer.Option("--time-unit", metavar="UNIT", help="s, ms, us, ns, or auto.")] = "auto",
    time_zone: Annotated[
        str, typer.Option("--time-zone", metavar="ZONE", help="Zone of times without an offset, such as Asia/Seoul.")
    ] = "UTC",
    volume_unit: Annotated[
        str, typer.Option("--volume-unit", metavar="UNIT", help="base (coins, shares) or quote.")
    ] = "base",
    synthetic: Annotated[bool, typer.Option("--synthetic", help="Label the data as synthetic, for good.")] = False,
    json_: Json = False,
) -> None:
    """Bring a file into the catalog: read, mapped, checked, stored. The same file twice changes nothing.

    [bold]Examples[/bold]
    $ geobuk data import bars_1h.parquet --venue binance --interval 1h
    $ geobuk data import funding.parquet --venue binance --kind funding
    $ geobuk data import BTCUSDT.csv --venue bybit --column at=time
    $ geobuk data import 005930.csv --venue krx --time-zone Asia/Seoul
    """
    from geobuk.app.home import default_home
    from geobuk.app.keep_history import column_roles, import_history
    from geobuk.data.importer import ImportSpec

    spec = ImportSpec(
        path=path,
        venue=venue,
        interval=interval,
        kind=kind,
        instrument=instrument,
        columns=column_roles(column or ()),
        time_unit=time_unit,
        time_zone=time_zone,
        is_synthetic=synthetic,
        volume_unit=volume_unit,
    )
    with progress_bar(quiet=json_) as progress:
        report = import_history(default_home(), spec, progress)
    if json_:
        print_json(data_views.import_as_json(report))
    else:
        data_views.show_import(report)


@app.command("rules")
def rules(
    exchange_info: Annotated[Path, typer.Argument(metavar="FILE", help="The venue's exchangeInfo answer (JSON).")],
    brackets: Annotated[
        Path | None, typer.Option("--brackets", metavar="FILE", help="The venue's leverageBracket answer (JSON).")
    ] = None,
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="The venue that they hold for.")] = "binance",
    json_: Json = False,
) -> None:
    """Bring a venue's trading rules into the catalog as a dated snapshot: ticks, steps, minimums, fees, brackets.

    [bold]Examples[/bold]
    $ geobuk data rules exchangeInfo.json
    $ geobuk data rules exchangeInfo.json --brackets leverageBracket.json --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.keep_history import import_rules

    report = import_rules(default_home(), exchange_info, brackets, venue)
    if json_:
        print_json(data_views.rules_as_json(report))
    else:
        data_views.show_rules(report)


@app.command("ls")
def ls(json_: Json = False) -> None:
    """List what the catalog holds.

    [bold]Examples[/bold]
    $ geobuk data ls
    $ geobuk data ls --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.keep_history import list_history

    home = default_home()
    series = list_history(home)
    if json_:
        print_json({"catalog": str(home.catalog_dir), "series": [data_views.entry_as_json(one) for one in series]})
    elif series:
        data_views.show_entries(series)
    else:
        console().print(
            f"The catalog at {home.catalog_dir} is empty: geobuk data import FILE --venue NAME --interval 1h"
        )


@app.command("check")
def check(
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="Only this venue.")] = "",
    interval: Annotated[str, typer.Option("--interval", metavar="LENGTH", help="Only bars of this length.")] = "",
    instruments: Instruments = "",
    json_: Json = False,
) -> None:
    """Check stored history again: are the files whole, and what does the quality gate say?

    Exits with 3 when a series must not be used (quarantined).

    [bold]Examples[/bold]
    $ geobuk data check
    $ geobuk data check --venue binance --interval 1h --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.keep_history import check_history

    with progress_bar(quiet=json_) as progress:
        checks = check_history(
            default_home(), venue=venue, interval=interval, instruments=names(instruments), progress=progress
        )
    quarantined = sum(1 for one in checks if one.verdict == "quarantine")
    if json_:
        print_json(
            {
                "ok": quarantined == 0,
                "quarantined": quarantined,
                "series": [data_views.check_as_json(one) for one in checks],
            }
        )
    else:
        data_views.show_checks(checks, quarantined)
    if quarantined:
        raise typer.Exit(ExitCode.QUARANTINED)
