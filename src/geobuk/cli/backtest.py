"""`geobuk backtest`: strategies over history, told on one screen, in a report, or as one JSON object."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geobuk.cli.options import Instruments, Interval, Json, Param, Set, SettingsFile, Venue, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar

if TYPE_CHECKING:
    from geobuk.app.run_request import Performed, RunRequest

Lang = Annotated[str, typer.Option("--lang", metavar="en|ko", help="Language of the summary and the report.")]


def backtest(
    strategy: Annotated[
        list[str],
        typer.Option("--strategy", metavar="A,B", help="Names (see `strategy ls`) or .py files, with commas."),
    ],
    venue: Venue = "",
    interval: Interval = "",
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, UTC.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, UTC, included.")] = "",
    instruments: Instruments = "",
    resample: Annotated[
        str, typer.Option("--resample", metavar="LENGTH", help="Make coarser bars first, such as 4h.")
    ] = "",
    capital: Annotated[float | None, typer.Option("--capital", metavar="AMOUNT", help="Starting capital.")] = None,
    set_: Set = None,
    param: Param = None,
    settings: SettingsFile = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed of the synthetic market.")] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Where to write the HTML report. Default: in GEOBUK_HOME."),
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream", help="Trade stretch by stretch: for histories that do not fit into memory.")
    ] = False,
    regime: Annotated[
        bool, typer.Option("--regime", help="Tell the market's regime, and let it scale sizes and weigh strategies.")
    ] = False,
    mode: Annotated[
        str, typer.Option("--mode", metavar="MODE", help="Under the limits of paper, testnet, staging or live.")
    ] = "",
    lang: Lang = "",
    json_: Json = False,
) -> None:
    """Run strategies over history: every rule on, every refusal counted, harsh costs told beside.

    With --json the HTML report is written only where --report says. With --stream bars and positions are not kept:
    there is no HTML report, no harsh case, and the run is not recorded, so that `geobuk explain` can't explain it.

    [bold]Examples[/bold]
    $ geobuk backtest --strategy trend --venue binance --interval 1h
    $ geobuk backtest --strategy trend,funding_carry --from 2024-01-01 --json
    $ geobuk backtest --strategy my_strategy.py --venue synthetic
    $ geobuk backtest --strategy trend --interval 1m --resample 1h --capital 230
    $ geobuk backtest --strategy trend,mean_reversion --regime --set matrix.method=performance
    $ geobuk backtest --strategy trend --mode live --capital 770
    $ geobuk backtest --strategy trend --set costs.impact=0.5 --param trend.pairs=2
    """
    from geobuk.app.choose_strategies import split_names
    from geobuk.app.home import default_home
    from geobuk.app.run_request import RunRequest, perform

    request = RunRequest(
        strategies=split_names(strategy),
        venue=venue,
        interval=interval,
        resample=resample,
        instruments=names(instruments),
        period=(from_, to),
        capital=capital,
        seed=seed,
        language=lang,
        sets=tuple(set_ or ()),
        params=tuple(param or ()),
        settings_file=settings,
        report=report,
        wants_report=report is not None or not json_,
        wants_regime=regime,
        mode=mode,
    )
    if stream:
        show_streamed(request, is_json=json_)
        return
    with progress_bar(quiet=json_) as progress:
        performed = perform(default_home(), request, progress)
    if json_:
        print_json(performed.as_json())
    else:
        show(performed)


def show_streamed(request: "RunRequest", *, is_json: bool) -> None:
    """Run stretch by stretch, and tell it."""
    from geobuk.app.home import default_home
    from geobuk.app.streamed import perform_streamed
    from geobuk.domain.errors import UserError
    from geobuk.reports.streamed import print_streamed, streamed_summary

    if request.report is not None:
        raise UserError("--stream keeps no bars to draw a report from", cure="leave out --report or --stream")
    with progress_bar(quiet=is_json) as progress:
        report, settings = perform_streamed(default_home(), request, progress)
    if is_json:
        print_json(streamed_summary(report))
    else:
        print_streamed(console(), report, settings.report.language)


def show(performed: "Performed") -> None:
    """One screen: the summary, where the report is, and whether a repetition gave the same."""
    from geobuk.app.runs import Repetition
    from geobuk.reports.terminal import print_summary

    out = console()
    language = performed.settings.report.language
    print_summary(out, performed.run.report, written_to=performed.report, lang=language)
    if performed.record.repetition is Repetition.SAME:
        out.print("Run before with the same inputs, parameters and code: the same result.", style="dim")
    elif performed.record.repetition is Repetition.DIFFERENT:
        out.print("Run before with the same inputs, parameters and code: ANOTHER RESULT.", style="red")
