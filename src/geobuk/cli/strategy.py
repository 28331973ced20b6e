"""`geobuk strategy`: which there are, whether one keeps its contract, and a file to begin one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Instruments, Interval, Json, Param, SettingsFile, Venue, names
from geobuk.cli.output import console, print_json

if TYPE_CHECKING:
    from geobuk.app.check_strategy import StrategyCheck
    from geobuk.strategies.strategy import Strategy

app = typer.Typer(
    help="Strategies: list them, check one, begin your own.", no_args_is_help=True, rich_markup_mode="rich"
)


@app.command("ls")
def ls(json_: Json = False) -> None:
    """List the strategies there are, with their parameters, ranges and sources.

    [bold]Examples[/bold]
    $ geobuk strategy ls
    $ geobuk strategy ls --json
    """
    from geobuk.strategies.registry import available, broken

    kinds, failures = available(), broken()
    if json_:
        print_json(
            {
                "strategies": [_kind_as_json(kind) for kind in kinds.values()],
                "broken": {name: str(error) for name, error in failures.items()},
            }
        )
        return
    out = console()
    for kind in kinds.values():
        _show_kind(kind)
    for name, error in failures.items():
        out.print(f"[red]{name} can't be used:[/red] {error}")


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and _.")],
    json_: Json = False,
) -> None:
    """Write NAME.py here: a working strategy to change into your own.

    [bold]Examples[/bold]
    $ geobuk strategy new my_strategy
    $ geobuk strategy check my_strategy.py
    $ geobuk backtest --strategy my_strategy.py --venue synthetic
    """
    from geobuk.app.new_strategy import new_strategy

    path = new_strategy(name, Path())
    if json_:
        print_json({"file": str(path)})
    else:
        console().print(f"{path} is written. Check it as you change it: geobuk strategy check {path}")


@app.command("check")
def check(
    strategy: Annotated[
        str, typer.Argument(metavar="FILE_OR_NAME", help="my_strategy.py, or a name from `strategy ls`.")
    ],
    venue: Venue = "",
    interval: Interval = "",
    instruments: Instruments = "",
    param: Param = None,
    settings: SettingsFile = None,
    json_: Json = False,
) -> None:
    """Hold a strategy to its contract: above all, it must not see the future.

    Runs on a synthetic market, and on stored history when --venue is given. The future is cut off and replaced at
    many bars; earlier forecasts must stay the same. Exits with 4 when they don't, and names bar and instrument;
    with 2 when another duty is broken.

    [bold]Examples[/bold]
    $ geobuk strategy check my_strategy.py
    $ geobuk strategy check trend --venue binance --interval 1h
    """
    from geobuk.app.check_strategy import check_named
    from geobuk.app.home import default_home
    from geobuk.data.panel_query import PanelQuery

    wanted = PanelQuery(venue, interval or "1h", names(instruments)) if venue else None
    found = check_named(default_home(), strategy, wanted, params=param or (), settings_file=settings)
    if json_:
        print_json(_check_as_json(found))
    else:
        _show_check(found)
    if not found.is_passed:
        raise typer.Exit(ExitCode.MISTAKE)


def _kind_as_json(kind: "type[Strategy]") -> dict[str, Any]:
    from geobuk.strategies.parameters import parameters_of

    return {
        "name": kind.name,
        "version": kind.version,
        "summary": kind.summary,
        "summary_ko": kind.summary_ko,
        "source": kind.source,
        "parameters": [
            {"name": one.name, "allowed": one.allowed, "default": one.default, "description": one.description}
            for one in parameters_of(kind)
        ],
    }


def _show_kind(kind: "type[Strategy]") -> None:
    from rich.table import Table
    from rich.text import Text

    from geobuk.strategies.parameters import parameters_of

    out = console()
    out.print(Text.assemble((kind.name, "bold"), f"  {kind.summary}"))
    out.print(Text(f"  {kind.source}", style="dim"))
    table = Table(box=None, show_header=False, padding=(0, 1))
    for one in parameters_of(kind):
        table.add_row(f"   {one.name}", str(one.default), Text(f"{one.description} ({one.allowed})", style="dim"))
    out.print(table)
    out.print()


def _check_as_json(found: "StrategyCheck") -> dict[str, Any]:
    return {
        "strategy": found.strategy,
        "version": found.version,
        "passed": found.is_passed,
        "warmup_bars": found.warmup_bars,
        "panels": found.panels,
        "duties": found.duties,
    }


def _show_check(found: "StrategyCheck") -> None:
    from rich.text import Text

    out = console()
    out.print(f"[bold]{found.strategy}[/bold] version {found.version}, warm-up {found.warmup_bars:,} bars")
    for panel in found.panels:
        out.print(f"  on {panel}", style="dim")
    for duty in found.duties:
        mark = ("✔ ", "green") if duty.is_met else ("✘ ", "red")
        out.print(Text.assemble(mark, duty.name, (f"  {duty.text}", "dim" if duty.is_met else "")))
    if found.is_passed:
        out.print("It keeps its contract.")
    else:
        out.print("[red]It breaks its contract.[/red]")
