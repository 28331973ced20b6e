"""Which trading rules an instrument had when: the built-in table, imported snapshots, and their importer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from geobuk.data.binance_rules import parse_brackets, parse_exchange_info, read_json
from geobuk.data.catalog import Catalog
from geobuk.data.krx_instruments import korean_instruments
from geobuk.data.sessions import KOREAN_VENUES
from geobuk.data.snapshots import (
    Snapshot,
    known_instruments,
    rules_in_force,
    save_snapshot,
    snapshots_of,
)
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.instrument import Instrument, LeverageBracket
from geobuk.ports import Clock

_IMPORT = "import the venue's rules with `geobuk data rules exchangeInfo.json`"

_ASSUMED = "one bracket assumed from its margin percentages"


@dataclass(frozen=True)
class RulesImport:
    """What an import of rules did.

    ``brackets_from_file``, ``brackets_kept`` (from an earlier snapshot) and ``brackets_assumed`` (one cautious bracket
    from exchangeInfo's margin percentages) name instruments; ``skipped`` are contracts other than trading perpetuals.
    """

    snapshot: Snapshot
    path: Path
    brackets_from_file: tuple[str, ...]
    brackets_kept: tuple[str, ...]
    brackets_assumed: tuple[str, ...]
    skipped: tuple[str, ...]


def instruments_for(
    catalog: Catalog | None, venue: str, names: Sequence[str], at_ns: int | None = None
) -> tuple[Instrument, ...]:
    """Rules of each name, in order: the newest snapshot not after ``at_ns``, else the oldest that has the name.

    Korean names need no snapshot: their rules are built in, with every dated change, for any code. What an imported
    listing says of market and sector is used; ``source`` says where the market is not known.

    Raises
    ------
    DataError
        No rules of the venue are known, or a Korean name is no code.
    UnknownNameError
        No snapshot of the venue has the name.
    """
    root = None if catalog is None else catalog.root
    snapshots = snapshots_of(root, venue)
    if venue in KOREAN_VENUES:
        found = rules_in_force(snapshots, names, at_ns)
        built_in = korean_instruments(root, venue, [name for name in names if name not in found], at_ns)
        return tuple(found.get(name) or built_in[name] for name in names)
    if not snapshots:
        raise DataError(f"no trading rules (tick, step, fees) of venue {venue!r} are known", cure=_IMPORT)
    found = rules_in_force(snapshots, names, at_ns)
    for name in names:
        if name not in found:
            known = {instrument.name for snapshot in snapshots for instrument in snapshot.instruments}
            raise UnknownNameError(f"instrument in the trading rules of {venue}", name, known, cure=f"({_IMPORT})")
    return tuple(found[name] for name in names)


def import_exchange_info(
    catalog: Catalog, exchange_info: Path, brackets: Path | None, clock: Clock, *, venue: str = "binance"
) -> RulesImport:
    """Store Binance's exchangeInfo, and leverageBracket if given, as the snapshot of the day the venue answered.

    Without brackets of its own an instrument keeps those of the newest snapshot known, else gets one cautious bracket;
    the result names both. Fees are the regular ones: exchangeInfo has none.

    Raises
    ------
    DataError
        A file is not what it should be.
    StorageError
        The catalog can't be written.
    """
    today = datetime.fromtimestamp(clock.now_ns() / 1e9, tz=UTC).date()
    source = f"{exchange_info.name} (Binance exchangeInfo)"
    rules = parse_exchange_info(read_json(exchange_info), venue=venue, as_of=today, source=source)
    given = parse_brackets(read_json(brackets)) if brackets is not None else {}
    earlier = known_instruments(catalog.root, venue, [i.name for i in rules.instruments])
    complete: list[Instrument] = []
    names: dict[str, list[str]] = {"file": [], "kept": [], "assumed": []}
    for instrument in rules.instruments:
        whose, chosen, text = _choose_brackets(instrument, given, earlier.get(instrument.name))
        names[whose].append(instrument.name)
        complete.append(replace(instrument, brackets=chosen, source=f"{source}; {text}"))
    as_of, filters = rules.read_on or today, dict(rules.filters)
    snapshot = Snapshot(venue=venue, as_of=as_of, source=source, instruments=tuple(complete), filters=filters)
    path = save_snapshot(catalog.root, snapshot)
    return RulesImport(
        snapshot, path, tuple(names["file"]), tuple(names["kept"]), tuple(names["assumed"]), rules.skipped
    )


def _choose_brackets(
    instrument: Instrument, given: Mapping[str, tuple[LeverageBracket, ...]], earlier: Instrument | None
) -> tuple[str, tuple[LeverageBracket, ...], str]:
    """Whose brackets (file, kept, assumed), the brackets, and the words that record it in the source."""
    if instrument.name in given:
        return "file", given[instrument.name], "brackets imported with it"
    if earlier is not None and earlier.brackets and not earlier.source.endswith(_ASSUMED):
        origin = earlier.source.partition("; brackets kept: ")[2] or f"{earlier.as_of}, {earlier.source}"
        return "kept", earlier.brackets, f"brackets kept: {origin}"
    return "assumed", instrument.brackets, _ASSUMED
