"""`geobuk data ls|show|verify|compact|prune`: the catalog itself."""

from typing import Annotated

import typer

from geobuk.cli import catalog_views
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Instruments, Json, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar

OnlyVenue = Annotated[str, typer.Option("--venue", metavar="NAME", help="Only this venue.")]
OnlyInterval = Annotated[str, typer.Option("--interval", metavar="LENGTH", help="Only this bar length.")]


def ls(venue: OnlyVenue = "", interval: OnlyInterval = "", instruments: Instruments = "", json_: Json = False) -> None:
    """List what the catalog holds.

    [bold]Examples[/bold]
    $ geobuk data ls
    $ geobuk data ls --venue binance --interval 1h --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.tend_catalog import Chosen, choose_series

    home = default_home()
    series = choose_series(home, Chosen(venue, interval, names(instruments)))
    if json_:
        print_json({"catalog": str(home.catalog_dir), "series": [catalog_views.entry_as_json(one) for one in series]})
    elif series:
        catalog_views.show_entries(series)
    else:
        console().print(
            f"The catalog at {home.catalog_dir} is empty: geobuk data import FILE --venue NAME --interval 1h"
        )


def show(
    series: Annotated[str, typer.Argument(metavar="SERIES", help="BTCUSDT, or binance/BTCUSDT/bars/1h, or a part.")],
    json_: Json = False,
) -> None:
    """Show where a series came from, its files, what the gate found, and the hash of its content.

    [bold]Examples[/bold]
    $ geobuk data show BTCUSDT
    $ geobuk data show binance/BTCUSDT/1h --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.tend_catalog import find_series

    found = find_series(default_home(), series)
    if json_:
        print_json({"series": [catalog_views.details_as_json(one) for one in found]})
    else:
        for one in found:
            catalog_views.show_details(one)


def verify(
    venue: OnlyVenue = "", interval: OnlyInterval = "", instruments: Instruments = "", json_: Json = False
) -> None:
    """Read every stored file again: is each byte for byte what was written?

    Exits with 3 when one is not.

    [bold]Examples[/bold]
    $ geobuk data verify
    $ geobuk data verify --venue binance --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.tend_catalog import Chosen, verify_history

    with progress_bar(quiet=json_) as progress:
        verified = verify_history(default_home(), Chosen(venue, interval, names(instruments)), progress)
    if json_:
        print_json(catalog_views.verified_as_json(verified))
    else:
        catalog_views.show_verified(verified)
    if not all(one.is_whole for one in verified):
        raise typer.Exit(ExitCode.QUARANTINED)


def compact(
    venue: OnlyVenue = "", interval: OnlyInterval = "", instruments: Instruments = "", json_: Json = False
) -> None:
    """Write stored series anew, one file a period, where they are in pieces or of an older form.

    What they say stays the same: the hash of their content does not change.

    [bold]Examples[/bold]
    $ geobuk data compact
    $ geobuk data compact --venue binance --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.tend_catalog import Chosen, compact_history

    with progress_bar(quiet=json_) as progress:
        done = compact_history(default_home(), Chosen(venue, interval, names(instruments)), progress)
    if json_:
        print_json(catalog_views.compacted_as_json(done))
    else:
        catalog_views.show_compacted(done)


def prune(
    before: Annotated[
        str, typer.Option("--before", metavar="DATE", help="Rows that open before this day go too (UTC).")
    ] = "",
    venue: OnlyVenue = "",
    interval: OnlyInterval = "",
    instruments: Instruments = "",
    yes: Annotated[bool, typer.Option("--yes", help="Remove. Without it, only say what would be removed.")] = False,
    json_: Json = False,
) -> None:
    """Remove superseded files and what a crash left behind; with --before, old rows as well.

    [bold]Examples[/bold]
    $ geobuk data prune
    $ geobuk data prune --yes
    $ geobuk data prune --before 2022-01-01 --venue binance --interval 1m --yes
    """
    from geobuk.app.home import default_home
    from geobuk.app.tend_catalog import Chosen, prune_history

    plan = prune_history(default_home(), Chosen(venue, interval, names(instruments)), before, is_meant=yes)
    if json_:
        print_json(catalog_views.plan_as_json(plan, is_done=yes))
    else:
        catalog_views.show_plan(plan, is_done=yes)
