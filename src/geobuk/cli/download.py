"""`geobuk data download` and `geobuk data update`: history from the venue's archive and REST interface."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from geobuk.cli import download_views
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Json, Set, SettingsFile, names
from geobuk.cli.output import console, error_console, print_json
from geobuk.cli.progress import progress_bar

if TYPE_CHECKING:
    from geobuk.app.download_plan import Prepared

Yes = Annotated[bool, typer.Option("--yes", help="Don't ask before fetching.")]
PlanOnly = Annotated[bool, typer.Option("--plan", help="Say what would be fetched, and stop.")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the fetched files in the cache.")]


def download(
    instruments: Annotated[
        str, typer.Option("--instruments", metavar="A,B", help="What to download, such as BTCUSDT,ETHUSDT.")
    ],
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, UTC.")],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, UTC. Default: up to now.")] = "",
    interval: Annotated[str, typer.Option("--interval", metavar="LENGTH", help="Bar length, 1m to 1d.")] = "",
    kinds: Annotated[
        str, typer.Option("--kinds", metavar="A,B", help="bars, mark, index, funding, aggtrades, bookticker.")
    ] = "bars,mark,funding",
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="Where from.")] = "binance",
    delisted: Annotated[bool, typer.Option("--delisted", help="The instruments are not listed any more.")] = False,
    yes: Yes = False,
    plan: PlanOnly = False,
    keep: Keep = False,
    settings: SettingsFile = None,
    set_: Set = None,
    json_: Json = False,
) -> None:
    """Download history: whole months and days from the archive, the newest from REST; all of it verified.

    What the catalog has is not fetched again. Stopped at any moment, the same command carries on.

    [bold]Examples[/bold]
    $ geobuk data download --instruments BTCUSDT,ETHUSDT --interval 1m --from 2024-01-01 --to 2024-12-31
    $ geobuk data download --instruments BTCUSDT --interval 1h --from 2023-01-01 --kinds bars,funding --yes
    $ geobuk data download --instruments BTCUSDT --from 2024-10-18 --to 2024-10-18 --kinds aggtrades --plan
    """
    from geobuk.app.download import DownloadRequest, prepare_download
    from geobuk.app.home import default_home

    request = DownloadRequest(
        instruments=names(instruments),
        period=(from_, to),
        venue=venue,
        kinds=names(kinds),
        interval=interval,
        is_delisted=delisted,
        settings_file=settings,
        sets=tuple(set_ or ()),
    )
    _carry_out(lambda: prepare_download(default_home(), request), (yes, plan, keep, json_))


def update(
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="Only this venue.")] = "",
    yes: Yes = False,
    plan: PlanOnly = False,
    keep: Keep = False,
    settings: SettingsFile = None,
    set_: Set = None,
    json_: Json = False,
) -> None:
    """Bring everything in the catalog up to now: bars, marks, funding, tapes and trading rules.

    [bold]Examples[/bold]
    $ geobuk data update
    $ geobuk data update --venue binance --yes --json
    """
    from geobuk.app.download import prepare_update
    from geobuk.app.home import default_home

    _carry_out(lambda: prepare_update(default_home(), venue, settings, tuple(set_ or ())), (yes, plan, keep, json_))


def _carry_out(prepare: "Callable[[], Prepared]", flags: tuple[bool, bool, bool, bool]) -> None:
    """Plan, tell, ask, fetch, tell."""
    from geobuk.app.download import perform
    from geobuk.app.home import default_home

    yes, plan_only, keep, json_ = flags
    prepared = prepare()
    if not json_:
        download_views.show_plan(prepared.plan)
    if plan_only:
        if json_:
            print_json(download_views.plan_as_json(prepared.plan))
        return
    asks = not (yes or json_ or prepared.plan.is_empty) and sys.stdin.isatty()
    if asks and not typer.confirm("Fetch it?", default=True):
        return
    try:
        with progress_bar(quiet=json_) as progress:
            done = perform(default_home(), prepared, progress, keeps_files=keep)
    except KeyboardInterrupt:
        error_console().print("Stopped. What is complete stays; the same command carries on where this one stopped.")
        raise
    if json_:
        print_json(download_views.done_as_json(done))
    else:
        download_views.show_done(done, console())
    if done.failures:
        raise typer.Exit(ExitCode.MISTAKE)
