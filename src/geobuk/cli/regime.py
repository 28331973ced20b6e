"""`geobuk regime`: which regime the market is in, how sure that is, how long it has been so."""

from typing import TYPE_CHECKING, Annotated

import typer

from geobuk.cli.options import Instruments, Interval, Json, Set, SettingsFile, Venue, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar

if TYPE_CHECKING:
    from geobuk.app.regimes import ToldRegime
    from geobuk.reports.texts import Language


def regime(
    venue: Venue = "",
    interval: Interval = "",
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, UTC.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, UTC, included.")] = "",
    instruments: Instruments = "",
    resample: Annotated[
        str, typer.Option("--resample", metavar="LENGTH", help="Make coarser bars first, such as 4h.")
    ] = "",
    last: Annotated[int, typer.Option("--last", min=0, max=1_000, metavar="N", help="Changes to list.")] = 5,
    set_: Set = None,
    settings: SettingsFile = None,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", help="Language of the answer.")] = "",
    json_: Json = False,
) -> None:
    """Tell the market's regime at the end of the last bar: bull, bear, sideways, neutral or unknown.

    Every day's answer is made of bars that had closed by then. Settings of the detector are under [regime_detector].

    [bold]Examples[/bold]
    $ geobuk regime --venue binance --interval 1h
    $ geobuk regime --venue binance --interval 1h --instruments BTCUSDT,ETHUSDT --last 10
    $ geobuk regime --venue synthetic --set regime_detector.min_days=120 --json
    """
    from geobuk.app.home import default_home
    from geobuk.app.regimes import RegimeRequest, tell_regime
    from geobuk.reports.summary import finite_or_null

    request = RegimeRequest(
        venue=venue,
        interval=interval,
        resample=resample,
        instruments=names(instruments),
        period=(from_, to),
        language=lang,
        sets=tuple(set_ or ()),
        settings_file=settings,
    )
    with progress_bar(quiet=json_) as progress:
        told = tell_regime(default_home(), request, progress)
    if json_:
        print_json(finite_or_null(told.as_json(last)))
    else:
        show(told, last, told.settings.report.language)


def show(told: "ToldRegime", last: int, language: "Language") -> None:
    """A sentence, the latest changes, and how often there are any."""
    from geobuk.domain.times import at_text
    from geobuk.regime.words import REGIME_WORDS
    from geobuk.reports.formats import number
    from geobuk.reports.texts import pick

    out, path = console(), told.path
    found = path.statistics(told.panel.year)
    out.print(path.describe(-1, language), style="bold")
    for one in told.changes(last):
        before, after = (REGIME_WORDS[side][1] if language == "ko" else side.name for side in (one.before, one.after))
        out.print(f"  {at_text(one.at_ns)}  {before} -> {after}")
    counted = pick(
        (
            "{count} switches in {bars:,} bars, {rate} a year; {fits} fits",
            "봉 {bars:,}개에서 전환 {count}회, 연 {rate}회; 적합 {fits}회",
        ),
        language,
    )
    rate = number(found.switches_per_year, 1)
    out.print(
        counted.format(count=found.switches, bars=found.bars, rate=rate, fits=len(path.refits)),
        style="dim",
    )
    if path.refits and path.refits[-1].flags:
        doubt = pick(("Of the last fit was refused: {flags}", "마지막 적합에서 거절된 것: {flags}"), language)
        out.print(doubt.format(flags=", ".join(path.refits[-1].flags)), style="yellow")
    if told.panel.is_synthetic:
        out.print(pick(("The market is synthetic.", "합성 시장입니다."), language), style="yellow")
