"""What a run was asked for, as its record keeps it: enough to read the same history and run it again.

The settings kept are those that were in force, so that a later change of the settings file or of the environment does
not matter.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from geobuk.app.history import wanted_history
from geobuk.app.settings import Settings
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.errors import DataError
from geobuk.domain.times import iso_text
from geobuk.panel import Panel
from geobuk.reports.texts import Language
from geobuk.strategies.file import is_file
from geobuk.strategies.registry import load
from geobuk.strategies.strategy import Strategy

_SECTIONS = ("backtest", "matrix", "regime_detector", "report", "synthetic")
"""Settings that a run reads; venue, interval and so on are kept by themselves, parameters with their strategy."""


class RecordedStrategy(Struct, frozen=True):
    """A name or the whole path of a file, and the values of all its parameters."""

    name: str
    parameters: dict[str, Any]


class RecordedRequest(Struct, frozen=True):
    """A run as it was asked for. ``settings`` differ from the defaults; ``sets`` and ``params`` are as they were typed.

    Where no instruments or no end were asked for, ``instruments`` and ``period`` are those that were read, so that
    history which came later does not change them.
    """

    strategies: tuple[RecordedStrategy, ...]
    venue: str
    interval: str
    resample: str
    instruments: tuple[str, ...]
    period: tuple[str, str]
    seed: int
    sets: tuple[str, ...]
    params: tuple[str, ...]
    settings: dict[str, Any]

    @property
    def language(self) -> Language:
        """Of the report."""
        return self.in_force().report.language

    def in_force(self) -> Settings:
        """The settings of the run; raises DataError where this version does not know them."""
        try:
            return msgspec.convert(self.settings, Settings)
        except msgspec.ValidationError as error:
            raise DataError(
                f"the record's settings do not fit this version of Geobuk: {error}", cure="run the backtest again"
            ) from None

    def again(self) -> tuple[Settings, tuple[Strategy, ...], PanelQuery]:
        """Settings, strategies and history as they were; raises a UserError for what is not there any more."""
        settings = self.in_force()
        wanted = wanted_history(
            settings,
            venue=self.venue,
            interval=self.interval,
            instruments=self.instruments,
            period=self.period,
            resample=self.resample,
        )
        return settings, tuple(load(one.name, one.parameters) for one in self.strategies), wanted


def request_read(record: Mapping[str, Any]) -> RecordedRequest:
    """The request out of a run's record; raises DataError."""
    if "request" not in record:
        raise DataError(
            f"the record of run {record.get('run_id', '')} does not say what was asked for: an older version wrote it",
            cure="run the backtest again, and name that run",
        )
    try:
        return msgspec.convert(record["request"], RecordedRequest)
    except msgspec.ValidationError as error:
        raise DataError(f"the record's request can't be read: {error}", cure="run the backtest again") from None


def recorded(
    names: tuple[str, ...],
    strategies: tuple[Strategy, ...],
    settings: Settings,
    wanted: PanelQuery,
    panel: Panel,
    typed: tuple[tuple[str, ...], tuple[str, ...]],
) -> dict[str, Any]:
    """The request as plain values. ``names`` as the strategies were asked for; ``typed`` are --set and --param."""
    end_ns = int(panel.at_ns[-1]) + panel.interval_ns
    request = RecordedRequest(
        strategies=tuple(
            RecordedStrategy(_whole(name), dict(one.parameters())) for name, one in zip(names, strategies, strict=True)
        ),
        venue=wanted.venue,
        interval=wanted.interval,
        resample=wanted.resample,
        instruments=panel.instruments,
        period=(
            "" if wanted.from_ns is None else iso_text(wanted.from_ns),
            iso_text(end_ns if wanted.to_ns is None else wanted.to_ns),
        ),
        seed=settings.synthetic.seed,
        sets=typed[0],
        params=typed[1],
        settings=_changed(settings),
    )
    plain = msgspec.to_builtins(request)
    assert isinstance(plain, dict)
    return plain


def _whole(name: str) -> str:
    return str(Path(name).expanduser().resolve()) if is_file(name) else name


def _changed(settings: Settings) -> dict[str, Any]:
    """The values of the sections that a run reads, where they differ from the defaults."""
    now, usual = msgspec.to_builtins(settings), msgspec.to_builtins(Settings())
    return {name: part for name in _SECTIONS if (part := _difference(now[name], usual[name]))}


def _difference(now: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in now.items():
        if isinstance(value, dict) and isinstance(usual.get(name), dict):
            if inner := _difference(value, usual[name]):
                found[name] = inner
        elif name not in usual or value != usual[name]:
            found[name] = value
    return found
