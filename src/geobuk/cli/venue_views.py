"""What `geobuk venue` shows: tables for people, one JSON object for machines."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec

from geobuk.app.venues import Recorded, Seen
from geobuk.domain.capabilities import Capabilities
from geobuk.domain.order import OrderType, SelfTradePrevention, TimeInForce, TriggerSource
from geobuk.domain.times import at_text
from geobuk.venues.binance.self_test import SelfTestReport

if TYPE_CHECKING:
    from rich.console import Console

_LISTS: tuple[tuple[str, type[Enum], Callable[[Capabilities], frozenset[Any]]], ...] = (
    ("", OrderType, lambda can: can.order_types),
    ("time in force ", TimeInForce, lambda can: can.times_in_force),
    ("trigger on ", TriggerSource, lambda can: can.trigger_sources),
    ("self-trade: ", SelfTradePrevention, lambda can: can.self_trade_prevention),
)
_FLAGS = (
    ("reduce-only", "can_reduce_only"),
    ("close-position", "can_close_position"),
    ("amend in place", "can_amend"),
    ("hedge mode", "can_hedge"),
    ("isolated margin", "can_isolate_margin"),
    ("set leverage", "can_set_leverage"),
    ("short", "can_short"),
    ("dead-man switch", "has_dead_man_switch"),
    ("funding", "pays_funding"),
)


def capability_rows(table: Sequence[Capabilities]) -> list[tuple[str, list[bool]]]:
    """Each line of the capability table: what, and whether each venue can."""
    rows = [
        (label + one.value.replace("_", " "), [one in chosen(can) for can in table])
        for label, kinds, chosen in _LISTS
        for one in kinds
    ]
    return rows + [(label, [getattr(can, name) for can in table]) for label, name in _FLAGS]


def show_capabilities(out: "Console", table: Sequence[Capabilities]) -> None:
    """One column a venue."""
    from rich.table import Table

    shown = Table(title="What can be asked of each venue", title_style="bold", title_justify="left")
    shown.add_column("")
    for can in table:
        shown.add_column(can.venue, justify="center")
    for label, values in capability_rows(table):
        shown.add_row(label, *("[green]yes[/]" if value else "[dim]no[/]" for value in values))
    out.print(shown)
    out.print("Asking for what a venue can't do is refused before anything is sent.", style="dim")


def capabilities_json(table: Sequence[Capabilities]) -> dict[str, Any]:
    """Venues by name."""
    return {"venues": {can.venue: {row: values[i] for row, values in capability_rows(table)} for i, can in _all(table)}}


def _all(table: Sequence[Capabilities]) -> list[tuple[int, Capabilities]]:
    return list(enumerate(table))


def show_seen(out: "Console", seen: Seen) -> None:
    """Account, positions, orders."""
    from rich.table import Table

    account = seen.snapshot.account
    out.print(f"{account.venue} at {seen.rest_url}, {at_text(seen.snapshot.at_ns)}", style="bold", markup=False)
    for label, value in (
        ("wallet", account.wallet),
        ("equity", account.equity),
        ("free", account.buying_power),
        ("initial margin", account.initial_margin),
        ("maintenance margin", account.maintenance_margin),
    ):
        out.print(f"  {label:<20}{value:,.2f} {account.currency}", markup=False)
    held = Table("held", "quantity", "entry", "mark", "unrealised", "liquidation")
    for p in seen.snapshot.positions:
        mark = None if p.mark_price is None else p.mark_price.normalize()
        cells = (p.quantity, p.entry_price, mark, p.unrealized, p.liquidation_price)
        held.add_row(p.instrument, *("" if cell is None else f"{cell:f}" for cell in cells))
    orders = Table("open order", "instrument", "side", "type", "quantity", "filled", "price", "trigger")
    for o in seen.snapshot.orders:
        figures = (o.quantity, o.filled, o.price, o.stop_price)
        orders.add_row(
            o.client_order_id,
            o.instrument,
            o.side.name.lower(),
            o.type.value.replace("_", " "),
            *("" if figure is None else f"{figure:f}" for figure in figures),
        )
    out.print(held if seen.snapshot.positions else "  nothing is held")
    out.print(orders if seen.snapshot.orders else "  no order is open")
    if seen.blocked:
        out.print(f"Trading is blocked: {seen.blocked}", style="bold red", markup=False)


def seen_json(seen: Seen) -> dict[str, Any]:
    """The snapshot; amounts as texts, so that none is rounded."""
    content: dict[str, Any] = msgspec.to_builtins(seen.snapshot)
    return {**content, "rest": seen.rest_url, "blocked": seen.blocked}


def show_report(out: "Console", report: SelfTestReport) -> None:
    """One line a check."""
    for check in report.checks:
        word, style = ("ok", "green") if check.is_ok else ("FAILED", "bold red")
        out.print(f"[{style}]{word:<7}[/] {check.name:<20} ", end="")
        out.print(check.detail, markup=False, soft_wrap=True)
    if report.is_ok:
        out.print("Nothing has changed: trading is not blocked by this test.", style="green")
    else:
        out.print("Trading is blocked until a later run passes; --acknowledge accepts new reply fields.", style="red")


def report_json(report: SelfTestReport) -> dict[str, Any]:
    """Checks in their order."""
    return {"ok": report.is_ok, **msgspec.to_builtins(report)}


def show_recorded(out: "Console", recorded: Recorded) -> None:
    """Where the tapes are."""
    out.print(
        f"{recorded.frames:,} frames in {recorded.folder}, {recorded.gaps} gaps in depth", markup=False, soft_wrap=True
    )


def recorded_json(recorded: Recorded) -> dict[str, Any]:
    """Folder and counts."""
    return {"folder": str(recorded.folder), "frames": recorded.frames, "gaps": recorded.gaps}
