"""What a reader asks the catalog for, and which stored series answer it. It opens no data file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geobuk.data.layout import SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import at_text, interval_ns, interval_text
from geobuk.panel import Finding


@dataclass(frozen=True)
class PanelQuery:
    """Bars of ``interval`` that open in [from_ns, to_ns), of all instruments if none is named.

    ``resample`` is a coarser interval to be made from them, or empty.
    """

    venue: str
    interval: str
    instruments: tuple[str, ...] = ()
    from_ns: int | None = None
    to_ns: int | None = None
    resample: str = ""

    def overlaps(self, first_at_ns: int, last_at_ns: int) -> bool:
        """Whether anything from first to last lies in the asked range."""
        begins = self.to_ns is None or first_at_ns < self.to_ns
        return begins and (self.from_ns is None or last_at_ns >= self.from_ns)


@dataclass(frozen=True)
class Selection:
    """Series that answer a query: bars in panel order; marks and funding by instrument; all findings of the range."""

    bars: tuple[Manifest, ...]
    marks: Mapping[str, Manifest]
    funding: Mapping[str, Manifest]
    findings: tuple[Finding, ...]

    @property
    def manifests(self) -> list[Manifest]:
        """All of them."""
        return [*self.bars, *self.marks.values(), *self.funding.values()]


def select_series(manifests: Mapping[SeriesKey, Manifest], query: PanelQuery) -> Selection:
    """Choose the series.

    Raises
    ------
    UnknownNameError
        The venue, the interval or an instrument is not in the catalog.
    DataError
        A named instrument is quarantined, the range is empty, or series do not share one time grid.
    """
    bars = _bars(manifests, query)
    usable = {name: m for name, m in bars.items() if not m.quarantine_reason}
    for name in query.instruments:
        if name not in bars:
            raise UnknownNameError("instrument", name, usable)
        if name not in usable:
            raise DataError(
                f"{query.venue} {name} is quarantined: {bars[name].quarantine_reason}",
                cure="import better data for it, or leave it out",
            )
    named = query.instruments or tuple(sorted(usable))
    chosen = _in_range([usable[name] for name in dict.fromkeys(named)], query, bool(query.instruments))
    _require_one_grid(chosen)
    names = [m.instrument for m in chosen]
    marks = _marks(manifests, names, query)
    funding = {n: m for n in names if (m := _usable(manifests, SeriesKey(query.venue, n, "funding", "stamps")))}
    quarantined = [] if query.instruments else [m for m in bars.values() if m.quarantine_reason]
    findings = tuple(
        f
        for manifest in (*chosen, *marks.values(), *funding.values(), *quarantined)
        for f in manifest.findings
        if query.overlaps(f.first_at_ns, f.last_at_ns)
    )
    return Selection(tuple(chosen), marks, funding, findings)


def _bars(manifests: Mapping[SeriesKey, Manifest], query: PanelQuery) -> dict[str, Manifest]:
    all_bars = [key for key in manifests if key.kind == "bars"]
    of_venue = [key for key in all_bars if key.venue == query.venue]
    if not of_venue:
        raise UnknownNameError(
            "venue", query.venue, {key.venue for key in all_bars}, cure="(import data with `geobuk data import`)"
        )
    interval = interval_text(interval_ns(query.interval))
    found = {key.instrument: manifests[key] for key in of_venue if key.interval == interval}
    if not found:
        known = {key.interval for key in of_venue}
        raise UnknownNameError(
            "interval", query.interval, known, cure="(coarser bars are made from finer ones by resampling)"
        )
    if not any(not m.quarantine_reason for m in found.values()):
        name, manifest = next(iter(found.items()))
        raise DataError(
            f"every series of {query.venue} {interval} is quarantined, such as {name}: {manifest.quarantine_reason}",
            cure="import better data",
        )
    return found


def _in_range(chosen: Sequence[Manifest], query: PanelQuery, named: bool) -> list[Manifest]:
    kept = [m for m in chosen if query.overlaps(m.first_at_ns, m.last_at_ns)]
    if kept:
        return list(chosen) if named else kept
    raise no_bars(chosen, query)


def no_bars(chosen: Sequence[Manifest], query: PanelQuery) -> DataError:
    """The message for a range in which nothing is stored."""
    first = at_text(min(m.first_at_ns for m in chosen))
    last = at_text(max(m.last_at_ns for m in chosen))
    asked = " ".join(
        f"{word} {at_text(at)}" for word, at in (("from", query.from_ns), ("to", query.to_ns)) if at is not None
    )
    return DataError(
        f"{query.venue} has no {query.interval} bars {asked}".rstrip(),
        cure=f"bars from {first} to {last} UTC are there",
    )


def _require_one_grid(chosen: Sequence[Manifest]) -> None:
    by_phase = {m.phase_ns: m.instrument for m in chosen}
    if len(by_phase) > 1:
        names = " and ".join(list(by_phase.values())[:2])
        raise DataError(
            f"bars of {names} do not open at the same moments, so they can't share a panel",
            cure="name instruments whose bars open together",
        )


def _marks(manifests: Mapping[SeriesKey, Manifest], names: Sequence[str], query: PanelQuery) -> dict[str, Manifest]:
    """For each instrument the mark series that fits best: the same interval, else the next finer, else the coarser."""
    wanted = interval_ns(query.interval)
    result: dict[str, Manifest] = {}
    for name in names:
        keys = [k for k in manifests if (k.venue, k.instrument, k.kind) == (query.venue, name, "mark")]
        keys.sort(key=lambda k: (k.interval_ns > wanted, abs(k.interval_ns - wanted)))
        best = next((m for k in keys if (m := _usable(manifests, k)) is not None), None)
        if best is not None:
            result[name] = best
    return result


def _usable(manifests: Mapping[SeriesKey, Manifest], key: SeriesKey) -> Manifest | None:
    manifest = manifests.get(key)
    return None if manifest is None or manifest.quarantine_reason else manifest
