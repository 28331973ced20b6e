"""`geobuk emulator`: a venue on this machine that speaks the real wire protocol, for programs to be tried against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geobuk.cli.options import Json, names
from geobuk.cli.output import console, print_json

if TYPE_CHECKING:
    from geobuk.app.emulator import EmulatorAddress

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", help="Venues on this machine, to try programs against."
)


@app.callback()
def emulator() -> None:
    """Venues on this machine, to try programs against."""


@app.command("binance")
def binance(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Recording for --market replay: a tape or a folder of them.")
    ] = None,
    market: Annotated[
        str, typer.Option("--market", metavar="generated|replay", help="Where prices come from.")
    ] = "generated",
    speed: Annotated[
        float, typer.Option("--speed", metavar="N", help="Emulated seconds a second; 0 stands still.")
    ] = 1.0,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed makes the same market.")] = 1,
    port: Annotated[int, typer.Option("--port", metavar="P", help="Port on 127.0.0.1; 0 takes any.")] = 8790,
    key: Annotated[str, typer.Option("--key", help="API key that may trade.")] = "emulator-key",
    secret: Annotated[str, typer.Option("--secret", help="Its HMAC secret.")] = "emulator-secret",  # noqa: S107
    wallet: Annotated[str, typer.Option("--wallet", metavar="USDT", help="Money of the account.")] = "10000",
    instruments: Annotated[str, typer.Option("--instruments", metavar="A,B", help="Only these. Default: all.")] = "",
    faults: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="Faults from the start: JSON list, or TOML.")
    ] = None,
    json_: Json = False,
) -> None:
    """Binance USDⓈ-M futures: REST, streams, WebSocket API, faults on request and a control page.

    Prices are synthetic or recorded and no money moves. Ctrl-C ends it.

    [bold]Examples[/bold]
    $ geobuk emulator binance
    $ geobuk emulator binance --instruments BTCUSDT,ETHUSDT --speed 60 --seed 7
    $ geobuk emulator binance --market replay tapes --instruments BTCUSDT
    """
    from geobuk.app.emulator import EmulatorRequest, run_emulator
    from geobuk.domain.errors import SettingsError

    try:
        from decimal import Decimal

        money = Decimal(wallet)
    except ArithmeticError:
        raise SettingsError(f"--wallet {wallet!r} is no number", cure="give USDT, such as 10000") from None
    request = EmulatorRequest(
        market=market,
        file=file,
        speed=speed,
        seed=seed,
        port=port,
        key=key,
        secret=secret,
        wallet=money,
        instruments=names(instruments),
        faults=faults,
    )
    if not json_:
        console().print("Starting the market ...", style="dim")
    run_emulator(request, lambda address: print_json(address.as_json()) if json_ else show(address))


def show(address: "EmulatorAddress") -> None:
    """Where it listens, and how clients are pointed there."""
    out = console()
    prices = "made-up prices" if address.is_synthetic else "recorded prices"
    out.print(f"Binance USDⓈ-M emulator: {prices}, no money moves.", style="bold")
    for label, value in (
        ("REST", address.base_url),
        ("streams", f"{address.stream_url}/{{public,market,private}}"),
        ("WebSocket API", f"{address.stream_url}/ws-fapi/v1"),
        ("control page", f"{address.base_url}/control"),
        ("API key", address.key),
        ("secret", address.secret),
        ("instruments", ", ".join(address.instruments)),
    ):
        out.print(f"  {label:<14}{value}", soft_wrap=True, markup=False)
    out.print("\nTry it:", style="bold")
    out.print(
        f"  curl '{address.base_url}/fapi/v1/ticker/bookTicker?symbol={address.instruments[0]}'",
        markup=False,
        soft_wrap=True,
    )
    out.print("ccxt:", style="bold")
    for line in ccxt_lines(address):
        out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print("Ctrl-C ends it.", style="dim")


def ccxt_lines(address: "EmulatorAddress") -> tuple[str, ...]:
    """Python that points ccxt at the emulator."""
    base, stream = address.base_url, address.stream_url
    return (
        f"api = {{'fapiData': '{base}/futures/data'}}",
        "for part in ('Public', 'Private'):",
        "    for version, path in (('', 'v1'), ('V2', 'v2'), ('V3', 'v3')):",
        f"        api['fapi' + part + version] = '{base}/fapi/' + path",
        f"api['ws'] = {{'linear': '{stream}/ws', 'ws-api': {{'linear': '{stream}/ws-fapi/v1'}}}}",
        f"exchange = ccxt.binanceusdm({{'apiKey': '{address.key}', 'secret': '{address.secret}',",
        "    'urls': {'api': api}, 'options': {'fetchCurrencies': False, 'adjustForTimeDifference': True}})",
    )
