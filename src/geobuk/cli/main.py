"""Puts the commands together, and lets nothing out but words and an exit code."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from geobuk.cli import backtest, data, demo, doctor, emulator, explain, gates, regime, strategy, universe, venue
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.failures import tell

_COLLECT_AFTER = 200_000
"""Objects between two searches for garbage: libraries make none as they load, and searching takes 0.3 s."""

app = typer.Typer(
    name="geobuk", no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False, add_completion=False
)
app.add_typer(data.app, name="data")
app.add_typer(strategy.app, name="strategy")
app.add_typer(emulator.app, name="emulator")
app.add_typer(venue.app, name="venue")
app.command("backtest")(backtest.backtest)
app.command("explain")(explain.explain)
app.command("gates")(gates.gates)
app.command("universe")(universe.universe)
app.command("regime")(regime.regime)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"geobuk {version('geobuk')}")
        raise typer.Exit


@app.callback()
def geobuk(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Risk-first trading research: real history in, an explained backtest out.

    [bold]Examples[/bold]
    $ geobuk demo
    $ geobuk data import bars.parquet --venue binance --interval 1h
    $ geobuk universe --venue binance --interval 1h --capital 230 --explain
    $ geobuk backtest --strategy trend --venue binance --interval 1h
    $ geobuk explain last --at 2024-05-01T12:00 --instrument BTCUSDT

    [bold]Exit codes[/bold]
    0 done, 1 defect of Geobuk, 2 your input, 3 quarantined data, 4 look-ahead, 5 machine incomplete,
    6 gates not passed, 7 trading blocked, 130 interrupted
    """


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        outcome = app(list(arguments), prog_name="geobuk", standalone_mode=False)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # the last line: whatever it is, a person reads a sentence
        return tell(error, as_json="--json" in arguments)
    return outcome if isinstance(outcome, int) else ExitCode.OK


def run() -> None:
    """The console script."""
    gc.set_threshold(_COLLECT_AFTER)
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of a pipe has gone: nothing left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    sys.exit(code)
