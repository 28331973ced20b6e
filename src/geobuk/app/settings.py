"""One TOML file, overridden by the environment and by the command line; every mistake is told with its place.

Later layers win: defaults, the file, ``GEOBUK_SECTION__KEY`` variables, ``--set`` and ``--param``.
"""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from geobuk.app import schema
from geobuk.app.home import Home, default_home
from geobuk.app.toml_lines import KeyPath, key_lines, line_of
from geobuk.app.venue_settings import VenueSettings
from geobuk.domain.errors import SettingsError
from geobuk.domain.times import INTERVAL_PATTERN
from geobuk.regime import RegimeSpec
from geobuk.reports.texts import Language
from geobuk.research.gate_limits import GateLimits
from geobuk.research.universe_spec import UniverseSpec
from geobuk.risk.profiles import PROFILES
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.matrix_spec import MatrixSpec

_PREFIX = "GEOBUK_"


class DataSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which history a run reads where the command does not say. No instruments means all that the catalog has."""

    venue: Annotated[str, Meta(description="name given at import")] = "binance"
    interval: Annotated[str, Meta(pattern=rf"^{INTERVAL_PATTERN}$", description="bar length of the series")] = "1h"
    resample: Annotated[
        str, Meta(pattern=rf"^({INTERVAL_PATTERN})?$", description="coarser bars made from them; empty: none")
    ] = ""
    instruments: tuple[str, ...] = ()


class SyntheticSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The generated market of ``--venue synthetic`` and ``geobuk demo``."""

    seed: Annotated[int, Meta(ge=0, le=2**32 - 1, description="the same seed gives the same market")] = 7
    instruments: Annotated[int, Meta(ge=1, le=64)] = 8
    days: Annotated[int, Meta(ge=5, le=3650, description="length of history")] = 730
    start: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="first day, UTC")] = "2023-01-01"


class DownloadSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where history is downloaded from, and how gently. Proxies are taken from the environment."""

    archive: Annotated[str, Meta(pattern=r"^https?://\S+$", description="public archive of Binance")] = (
        "https://data.binance.vision"
    )
    rest: Annotated[str, Meta(pattern=r"^https?://\S+$", description="REST interface of Binance USDⓈ-M")] = (
        "https://fapi.binance.com"
    )
    connections: Annotated[int, Meta(ge=1, le=64, description="files fetched at once")] = 8
    rate_share: Annotated[float, Meta(ge=0.01, le=1, description="our share of the venue's request limit")] = 0.5
    connect_seconds: Annotated[float, Meta(gt=0, le=300, description="longest wait for a connection")] = 10.0
    silence_seconds: Annotated[float, Meta(gt=0, le=600, description="longest pause between two bytes")] = 30.0
    tries: Annotated[int, Meta(ge=1, le=20, description="failures in a row before a file is given up")] = 5
    backoff_seconds: Annotated[float, Meta(ge=0, le=60, description="first pause after a failure; it doubles")] = 0.5
    patience_seconds: Annotated[float, Meta(ge=0, le=86_400, description="longest ban that is waited for")] = 300.0
    cache: Annotated[str, Meta(description="folder of files on their way; empty: downloads in GEOBUK_HOME")] = ""


class ReportSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How results are shown."""

    language: Annotated[Language, Meta(description="of reports and summaries")] = "en"


class DetectorSettings(RegimeSpec, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether and how the market's regime is told to the strategies' matrix and to the risk room.

    An index gives a mean return and a mean range in each interval; a hidden Markov model of both is fitted to the past
    now and then, and followed in between (docs/regime.md). What a regime does to sizes stands in ``[backtest.regime]``.
    """

    enabled: Annotated[bool, Meta(description="off: nobody tells, and nothing is scaled")] = False

    @property
    def as_spec(self) -> RegimeSpec:
        """What the detector is made of, enabled or not."""
        return RegimeSpec(**{name: getattr(self, name) for name in RegimeSpec.__struct_fields__})

    @property
    def in_force(self) -> RegimeSpec | None:
        """The same, None where it is off."""
        return self.as_spec if self.enabled else None


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a person can set. ``strategies`` holds one table of parameters for each strategy named.

    ``mode`` puts the limits of a mode (docs/risk.md) in the place of the defaults under [backtest]; what is set there
    by itself still counts.
    """

    mode: Annotated[
        Literal["", "paper", "testnet", "staging", "live"], Meta(description="whose limits the defaults are")
    ] = ""
    data: DataSettings = DataSettings()
    synthetic: SyntheticSettings = SyntheticSettings()
    download: DownloadSettings = DownloadSettings()
    report: ReportSettings = ReportSettings()
    backtest: BacktestSpec = BacktestSpec()
    universe: UniverseSpec = UniverseSpec()
    regime_detector: DetectorSettings = DetectorSettings()
    matrix: MatrixSpec = MatrixSpec()
    gates: GateLimits = GateLimits()
    venues: VenueSettings = VenueSettings()
    strategies: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Override:
    """One value from outside the file. ``origin`` is shown when it can't stand, such as ``--set costs.impact=50``."""

    path: KeyPath
    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class _Layer:
    values: dict[str, Any]
    origin: Callable[[KeyPath], str]


def load_settings(
    path: Path | None = None,
    env: Mapping[str, str] | None = None,
    *,
    overrides: Sequence[Override] = (),
    strategies: Mapping[str, type[Struct]] | None = None,
    home: Home | None = None,
) -> Settings:
    """The settings of this run.

    ``path`` None reads the home's ``settings.toml`` if there is one. With ``strategies`` (name -> class) the tables
    under ``[strategies]`` are checked too.

    Raises
    ------
    SettingsError
        With the file and line (or variable, or option), the key, the value, and what is allowed.
    """
    env = os.environ if env is None else env
    layers = [
        *_file_layer(path, home or default_home(env)),
        *(_override_layer(one) for one in (*_from_environment(env), *overrides)),
    ]
    values: dict[str, Any] = {}
    origins: dict[KeyPath, str] = {}
    for layer in (*_mode_layer(layers), *layers):
        _merge(values, layer, origins, ())
    found = list(schema.problems(values, Settings))
    if strategies is not None:
        found += _strategy_problems(values.get("strategies"), strategies)
    if found:
        _raise(found, origins)
    return msgspec.convert(values, Settings)


def override(text: str, option: str) -> Override:
    """An ``option`` such as ``--set costs.impact=0.5`` or ``--param trend.fast=8``; raises SettingsError.

    ``--set`` paths may leave out ``backtest.``; ``--param`` paths begin with the strategy's name or file.
    """
    key, sign, value = text.partition("=")
    parts = key.rsplit(".", 1) if option == "--param" else key.split(".")  # a strategy's file name has a dot
    path = tuple(part.strip() for part in parts)
    example = "trend.fast=8" if option == "--param" else "costs.impact=0.5"
    if not sign or not all(path) or (option == "--param" and len(path) != 2):
        raise SettingsError(f"{option} {text} is not a setting", cure=f"write it as {option} {example}")
    if option == "--param":
        path = ("strategies", *path)
    elif path[0] not in Settings.__struct_fields__:
        path = ("backtest", *path)
    return Override(path, _parsed(value.strip()), f"{option} {text}")


def _mode_layer(layers: Sequence[_Layer]) -> Iterator[_Layer]:
    """The limits of the mode that the last layer to name one names; another name is told with the other problems."""
    named = [layer.values["mode"] for layer in layers if "mode" in layer.values]
    if named and named[-1] in PROFILES:
        values = {"backtest": msgspec.to_builtins(PROFILES[named[-1]])}
        yield _Layer(values, lambda _path: f"mode {named[-1]}")


def _file_layer(path: Path | None, home: Home) -> Iterator[_Layer]:
    file = path or home.settings_file
    if path is None and not file.is_file():
        return
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"
        raise SettingsError(f"can't read the settings file {file} ({what})", cure="name a TOML file") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}", cure="correct that line") from None
    yield _Layer(values, partial(_place_in_file, file, key_lines(text)))


def _place_in_file(file: Path, lines: dict[KeyPath, int], path: KeyPath) -> str:
    line = line_of(lines, path)
    return f"{file}, line {line}" if line else str(file)


def _from_environment(env: Mapping[str, str]) -> Iterator[Override]:
    for name in sorted(env):
        if name.startswith(_PREFIX) and "__" in name:
            path = tuple(part.lower() for part in name.removeprefix(_PREFIX).split("__"))
            yield Override(path, _parsed(env[name]), f"environment variable {name}")


def _override_layer(one: Override) -> _Layer:
    values: Any = one.value
    for key in reversed(one.path):
        values = {key: values}
    return _Layer(values, lambda _path: one.origin)


def _parsed(text: str) -> Any:
    """A TOML value; what is none is taken as a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(values: dict[str, Any], layer: _Layer, origins: dict[KeyPath, str], path: KeyPath) -> None:
    for key, value in layer.values.items():
        here = (*path, key)
        origins[here] = layer.origin(here)
        if isinstance(value, dict):
            inner = values.get(key)
            values[key] = dict(inner) if isinstance(inner, dict) else {}
            _merge(values[key], _Layer(value, layer.origin), origins, here)
        else:
            values[key] = value


def _strategy_problems(tables: object, known: Mapping[str, type[Struct]]) -> Iterator[schema.Problem]:
    if not isinstance(tables, dict):
        return
    for name, table in tables.items():
        path = ("strategies", name)
        if name not in known and name.endswith(".py"):
            continue  # a file that this run does not use
        if name not in known:
            near = schema.nearest(name, known)
            yield schema.Problem(path, f"unknown strategy {name} in [{schema.dotted(path)}]", near)
        elif isinstance(table, dict):
            yield from schema.problems(table, known[name], path)


def _raise(found: Sequence[schema.Problem], origins: Mapping[KeyPath, str]) -> None:
    lines = [f"{origins.get(one.path, 'settings')}: {one.text}" for one in found]
    if len(found) == 1:
        raise SettingsError(lines[0], cure=found[0].rule)
    listed = "\n".join(f"{line}: {one.rule}" for line, one in zip(lines, found, strict=True))
    raise SettingsError(f"{len(found)} settings can't stand\n{listed}", cure="correct each of them")
