"""`geobuk data`: history into the catalog, what is there, and whether it may be used."""

from pathlib import Path
from typing import Annotated

import typer

from geobuk.cli import catalog, data_check, data_views, download
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Json
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
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="bars, mark, index, funding; listing, delisting.")
    ] = "bars",
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
    $ geobuk data import krx_listing.parquet --venue krx --kind listing
    """
    from geobuk.app.home import default_home
    from geobuk.app.keep_history import column_roles, import_history
    from geobuk.app.tend_catalog import import_reference, is_reference
    from geobuk.data.importer import ImportSpec

    if is_reference(kind, venue):
        options = {"--interval": interval, "--instrument": instrument, "--column": column, "--synthetic": synthetic}
        table = import_reference(default_home(), path, kind, venue, options)
        if json_:
            print_json({"text": table.text, "file": str(path), "kind": kind, "rows": table.rows})
        else:
            console().print(table.text)
        return
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
    if report.refused:
        raise typer.Exit(ExitCode.MISTAKE)


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


app.command("ls")(catalog.ls)
app.command("show")(catalog.show)
app.command("verify")(catalog.verify)
app.command("compact")(catalog.compact)
app.command("prune")(catalog.prune)
app.command("check")(data_check.check)
app.command("download")(download.download)
app.command("update")(download.update)
