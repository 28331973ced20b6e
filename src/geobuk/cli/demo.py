"""`geobuk demo`: a whole run on embedded synthetic markets; no key, network or file needed."""

from pathlib import Path
from typing import Annotated

import typer

from geobuk.cli.backtest import Lang, show
from geobuk.cli.options import Json
from geobuk.cli.output import print_json
from geobuk.cli.progress import progress_bar


def demo(
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Where to write the report. Default: in GEOBUK_HOME."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Show the report in a browser.")] = False,
    lang: Lang = "",
    json_: Json = False,
) -> None:
    """Four strategies on two years of a generated market. Synthetic: it shows how Geobuk works, not what it earns.

    [bold]Examples[/bold]
    $ geobuk demo
    $ geobuk demo --report demo.html --open
    """
    from geobuk.app.demo import demo as run_demo
    from geobuk.app.home import default_home

    with progress_bar(quiet=json_) as progress:
        performed = run_demo(default_home(), report, lang, progress)
    if json_:
        print_json(performed.as_json())
    else:
        show(performed)
    if open_ and performed.report:
        import webbrowser

        webbrowser.open(performed.report.resolve().as_uri())
