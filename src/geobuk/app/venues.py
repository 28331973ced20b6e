"""What a person does with a venue by hand: see what it can do and what is there, test it, record its market."""

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geobuk.app import event_loop
from geobuk.app.home import Home
from geobuk.app.settings import load_settings, override
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.errors import SettingsError, UnknownNameError
from geobuk.domain.updates import VenueSnapshot
from geobuk.ops.clock import WallClock
from geobuk.venues.binance.connection import StreamState
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.public_fetch import public_fetch
from geobuk.venues.binance.recorder import Recorder, RecorderSpec
from geobuk.venues.binance.reply_fields import ReplyFields
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.self_test import SelfTest, SelfTestReport
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.transport import HttpTransport
from geobuk.venues.binance.venue import BinanceVenue
from geobuk.venues.binance.venue import capabilities as binance_capabilities
from geobuk.venues.paper.venue import capabilities as paper_capabilities

VENUES = ("binance",)
KEY, SECRET = "GEOBUK_BINANCE_KEY", "GEOBUK_BINANCE_SECRET"


@dataclass(frozen=True, slots=True)
class VenueRequest:
    """Which venue is meant. ``url`` puts one address in the place of all (an emulator); ``sets`` are KEY=VALUE."""

    venue: str
    url: str = ""
    settings_file: Path | None = None
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is at the venue now. ``blocked`` says why trading is forbidden; empty where it is not."""

    snapshot: VenueSnapshot
    blocked: str
    rest_url: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a recorder wrote before it was ended."""

    folder: Path
    frames: int
    gaps: int


def capability_table() -> tuple[Capabilities, ...]:
    """One column a venue."""
    return paper_capabilities(), binance_capabilities()


def look(home: Home, request: VenueRequest) -> Seen:
    """Account, positions and open orders. Raises UserError: no key, no connection, a venue that refuses."""

    async def see() -> Seen:
        spec = venue_spec(home, request)
        async with BinanceVenue(credentials(), (), spec) as venue:
            reasons = [block.reason for block in venue.guard.blocks.values()]
            return Seen(await venue.snapshot(), "; ".join(reasons), spec.rest_url)

    return event_loop.run(see())


def check(home: Home, request: VenueRequest, instrument: str, *, acknowledge: bool) -> SelfTestReport:
    """Run the daily self-test. ``acknowledge`` takes the replies' fields as they are now for what is expected.

    Raises UserError where it can't even begin.
    """

    async def test() -> SelfTestReport:
        fields = ReplyFields(home.store_dir / "venues" / f"{request.venue}-reply-fields.json")
        async with BinanceVenue(credentials(), (instrument,), venue_spec(home, request)) as venue:
            tester = SelfTest(venue, instrument, fields)
            report = await tester.run()
            if acknowledge:
                tester.acknowledge()
                report = await tester.run()
            return report

    return event_loop.run(test())


def record(
    home: Home,
    request: VenueRequest,
    instruments: Sequence[str],
    folder: Path,
    seconds: float | None,
    tell: Callable[[str], None],
) -> Recorded:
    """Record trades, quotes, depth and marks until interrupted, or for some seconds; needs no key.

    Raises UserError: a disk that refuses, a venue that can't be reached, an instrument that it does not know.
    """
    if not instruments:
        raise SettingsError("no instrument to record", cure="name some: --instruments BTCUSDT,ETHUSDT")
    if seconds is not None and seconds <= 0:
        raise SettingsError(f"--for {seconds:g} is not above 0", cure="give seconds, or leave it out")

    async def write() -> Recorded:
        spec = venue_spec(home, request)
        transport = HttpTransport(spec)
        rest = BinanceRest(spec, transport, WallClock())

        def on_state(path: str, state: StreamState, reason: str) -> None:
            tell(f"{path}: {state.value}{f' ({reason})' if reason else ''}")

        recorder = Recorder(folder, public_fetch(rest), WallClock(), RecorderSpec(stream_url=spec.stream_url), on_state)
        try:
            async with asyncio.timeout(seconds):
                await recorder.run(instruments)
        except TimeoutError:
            pass
        finally:
            await transport.close()
        return Recorded(folder, recorder.frames, recorder.gaps)

    return event_loop.run(write())


def venue_spec(home: Home, request: VenueRequest) -> BinanceSpec:
    """The adapter's settings of a request; raises UnknownNameError or SettingsError."""
    if request.venue not in VENUES:
        raise UnknownNameError("venue", request.venue, VENUES)
    chosen = [override(text, "--set") for text in request.sets]
    spec = load_settings(request.settings_file, overrides=chosen, home=home).venues.binance.as_spec
    if not request.url:
        return spec
    url = request.url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise SettingsError(f"--url {request.url} is no address", cure="write it as http://127.0.0.1:8790")
    wire = url.replace("http", "ws", 1)
    return replace(spec, rest_url=url, stream_url=wire, spot_url=url)


def credentials(env: Mapping[str, str] | None = None) -> ApiCredentials:
    """The key from the environment; raises SettingsError where it is not there."""
    env = os.environ if env is None else env
    missing = [name for name in (KEY, SECRET) if not env.get(name)]
    if missing:
        raise SettingsError(f"no API key: {' and '.join(missing)} not set", cure="export the key and its secret")
    return ApiCredentials(env[KEY], env[SECRET])
