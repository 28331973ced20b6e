"""Binance's own JSON of trading rules (exchangeInfo, leverageBracket) as instruments. No network: files only.

Source: Binance USDⓈ-M Futures API, GET /fapi/v1/exchangeInfo and GET /fapi/v1/leverageBracket.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand

REGULAR_MAKER = Decimal("0.0002")
REGULAR_TAKER = Decimal("0.0005")
_FUNDING_HOURS = 8
_SECONDS = 1000


@dataclass(frozen=True)
class Rules:
    """Perpetuals of one exchangeInfo. ``read_on`` is the venue's own date, None where the file has none.

    ``filters`` are every perpetual's filters word for word, by their type.
    """

    instruments: tuple[Instrument, ...]
    read_on: date | None
    skipped: tuple[str, ...]
    filters: Mapping[str, dict[str, dict[str, Any]]] = field(default_factory=dict)


def read_json(path: Path) -> Any:
    """A JSON file, gzipped or not.

    Raises
    ------
    DataError
        It is no file, or no JSON.
    """
    if not path.is_file():
        raise DataError(f"{path} is not a file", cure="name the JSON file that the venue's API returned")
    data = path.read_bytes()
    try:
        return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    except (ValueError, OSError) as error:
        raise DataError(f"{path} is not JSON ({error})", cure="save the API's answer unchanged") from None


def parse_exchange_info(content: Any, *, venue: str, as_of: date, source: str) -> Rules:
    """The perpetuals of an exchangeInfo answer, with regular fees and, for want of better, one cautious bracket each.

    exchangeInfo names no brackets; its maintMarginPercent and requiredMarginPercent are stricter than the first
    brackets in practice. Delivery contracts and pairs that don't trade are skipped and listed.

    Raises
    ------
    DataError
        The content is no exchangeInfo, or a perpetual lacks a filter.
    """
    symbols = content.get("symbols") if isinstance(content, dict) else None
    if not isinstance(symbols, list):
        raise DataError("the file has no list of symbols", cure="give the answer of GET /fapi/v1/exchangeInfo")
    server_ms = content.get("serverTime")
    read_on = datetime.fromtimestamp(server_ms / _SECONDS, tz=UTC).date() if server_ms else None
    instruments, skipped = [], []
    filters: dict[str, dict[str, dict[str, Any]]] = {}
    for symbol in symbols:
        if symbol.get("contractType") != "PERPETUAL" or symbol.get("status", "TRADING") != "TRADING":
            skipped.append(str(symbol.get("symbol")))
            continue
        instruments.append(_instrument(symbol, venue, read_on or as_of, source))
        filters[instruments[-1].name] = _all_filters(symbol)
    if not instruments:
        raise DataError("the file holds no perpetual that trades", cure="give the exchangeInfo of USDⓈ-M futures")
    return Rules(tuple(instruments), read_on, tuple(skipped), filters)


def _instrument(symbol: Mapping[str, Any], venue: str, as_of: date, source: str) -> Instrument:
    name = str(symbol["symbol"])
    lot = [_filter(symbol, "LOT_SIZE", key) for key in ("stepSize", "minQty", "maxQty")]
    return Instrument(
        venue=venue,
        name=name,
        kind=InstrumentKind.PERPETUAL,
        base=str(symbol.get("baseAsset", "")),
        quote=str(symbol.get("quoteAsset", "")),
        ticks=(TickBand(Decimal(0), _filter(symbol, "PRICE_FILTER", "tickSize")),),
        step=lot[0],
        min_quantity=lot[1],
        max_quantity=lot[2],
        min_notional=_filter(symbol, "MIN_NOTIONAL", "notional"),
        maker_fee=REGULAR_MAKER,
        taker_fee=REGULAR_TAKER,
        as_of=as_of,
        source=source,
        liquidation_fee=Decimal(str(symbol.get("liquidationFee", "0.0125"))),
        brackets=(_cautious_bracket(symbol),),
        funding_interval_hours=int(symbol.get("fundingIntervalHours") or _FUNDING_HOURS),
        funding_cap=Decimal(str(cap)) if (cap := symbol.get("adjustedFundingRateCap")) else None,
    )


def with_funding_info(exchange_info: Mapping[str, Any], funding_info: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One document of both answers: each symbol also carries what fundingInfo says of it.

    fundingInfo (GET /fapi/v1/fundingInfo) names only symbols whose interval, cap or floor is not the usual.
    """
    unusual = {str(one.get("symbol")): one for one in funding_info}
    keys = ("fundingIntervalHours", "adjustedFundingRateCap", "adjustedFundingRateFloor")
    symbols = [
        {**symbol, **{key: said[key] for key in keys if key in said}}
        for symbol in exchange_info["symbols"]
        for said in (unusual.get(str(symbol.get("symbol")), {}),)
    ]
    return {**exchange_info, "symbols": symbols}


def _all_filters(symbol: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = {}
    for one in symbol.get("filters", ()):
        if isinstance(one, dict) and "filterType" in one:
            found[str(one["filterType"])] = {key: value for key, value in one.items() if key != "filterType"}
    return found


def _filter(symbol: Mapping[str, Any], kind: str, key: str) -> Decimal:
    """A filter's value; a document example puts every key into one filter, so the key alone may do."""
    filters = [f for f in symbol.get("filters", ()) if isinstance(f, dict) and key in f]
    chosen = next((f for f in filters if f.get("filterType") == kind), filters[0] if filters else {})
    try:
        return Decimal(str(chosen[key]))
    except (InvalidOperation, KeyError):
        raise DataError(
            f"{symbol.get('symbol')}: {kind} has no usable {key}", cure="save the answer of exchangeInfo unchanged"
        ) from None


def _cautious_bracket(symbol: Mapping[str, Any]) -> LeverageBracket:
    required = Decimal(str(symbol.get("requiredMarginPercent", "5")))
    maintained = Decimal(str(symbol.get("maintMarginPercent", "2.5")))
    return LeverageBracket(Decimal(0), Decimal(10) ** 12, max(1, int(100 / required)), maintained / 100, Decimal(0))


def parse_brackets(content: Any) -> dict[str, tuple[LeverageBracket, ...]]:
    """Leverage brackets by instrument, from the API's list (or single object) or from the form that ccxt saves.

    An instrument whose list of brackets is empty is left out.

    Raises
    ------
    DataError
        The content is neither.
    """
    if isinstance(content, dict) and "brackets" not in content:
        return {
            _ccxt_name(name): brackets for name, tiers in content.items() if (brackets := _ccxt_brackets(name, tiers))
        }
    entries = content if isinstance(content, list) else [content]
    result = {}
    for entry in entries:
        if not isinstance(entry, dict) or "symbol" not in entry:
            raise DataError("the file has no leverage brackets", cure="give the answer of GET /fapi/v1/leverageBracket")
        brackets = tuple(_bracket(str(entry["symbol"]), raw) for raw in entry.get("brackets", ()))
        if brackets:
            result[str(entry["symbol"])] = tuple(sorted(brackets, key=lambda b: b.floor))
    return result


def _ccxt_brackets(name: str, tiers: Any) -> tuple[LeverageBracket, ...]:
    if not isinstance(tiers, list) or not all(isinstance(tier, dict) and "info" in tier for tier in tiers):
        raise DataError(
            f"{name}: these are no leverage brackets", cure="give the answer of GET /fapi/v1/leverageBracket"
        )
    return tuple(sorted((_bracket(name, tier["info"]) for tier in tiers), key=lambda b: b.floor))


def _ccxt_name(name: str) -> str:
    """``BTC/USDT:USDT`` → ``BTCUSDT``; delivery contracts keep their date (``BTC/USDT:USDT-250926``)."""
    pair, _, settle = name.partition(":")
    date_part = settle.partition("-")[2]
    return pair.replace("/", "") + (f"_{date_part}" if date_part else "")


def _bracket(name: str, raw: Mapping[str, Any]) -> LeverageBracket:
    try:
        return LeverageBracket(
            floor=Decimal(str(raw["notionalFloor"])),
            cap=Decimal(str(raw["notionalCap"])),
            max_leverage=int(Decimal(str(raw["initialLeverage"]))),
            maintenance_rate=Decimal(str(raw["maintMarginRatio"])),
            cumulative=Decimal(str(raw["cum"])),
        )
    except (KeyError, InvalidOperation) as error:
        raise DataError(f"{name}: a leverage bracket lacks {error}", cure="save the API's answer unchanged") from None
