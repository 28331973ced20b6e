"""Where the venue is and how it is asked: frozen settings, with the live and the test venue as constants.

Source of the addresses: Binance, USDⓈ-M futures API, general information.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BinanceSpec:
    """How one connection to Binance USDⓈ-M behaves; every address is a setting.

    ``spot_url`` serves the key's restrictions; empty where the venue has no such page, and then nothing is known of the
    key. ``recv_window_ms`` bounds how late the venue may accept a request: an order that the venue does not know that
    long after it was sent can't arrive any more, so a short window settles unknown outcomes sooner.
    """

    name: str = "binance"
    rest_url: str = "https://fapi.binance.com"
    stream_url: str = "wss://fstream.binance.com"
    spot_url: str = "https://api.binance.com"
    margin_asset: str = "USDT"
    recv_window_ms: int = 3_000
    request_timeout_s: float = 10.0
    order_timeout_s: float = 3.0
    connect_timeout_s: float = 5.0
    background_calls: int = 8
    """How many calls may be under way at once that are neither orders nor about one; orders never queue."""
    retries: int = 4
    retry_first_s: float = 0.2
    settle_margin_ms: int = 1_000
    """How much longer than the receive window an order must stay unknown to count as never arrived."""
    settle_timeout_s: float = 20.0
    """After this an outcome that nobody can tell is reported as unknown."""
    settle_first_s: float = 0.05
    listen_key_refresh_s: float = 1_500.0
    audit_interval_s: float = 60.0
    """How often orders, fills and balances are compared with the venue's; 0: only after a reconnect."""
    longest_hold_s: float = 5.0
    """How long events are held back so that what was missed can be told before them."""
    clock_sync_interval_s: float = 20.0
    """It also keeps a connection warm, so that an order after a quiet time needs no new one."""
    clock_samples: int = 3
    drift_alarm_ms: int = 500
    update_capacity: int = 100_000
    remembered_orders: int = 100_000
    """How many orders, and how many fills, are known again when the venue tells of them late or twice."""
    reserved_share: float = 0.2
    """Share of every limit that only orders and cancels may spend."""
    allow_unrestricted_ip: bool = False
    must_check_key: bool = True


LIVE = BinanceSpec()
TESTNET = BinanceSpec(
    rest_url="https://demo-fapi.binance.com",
    stream_url="wss://fstream.binancefuture.com",
    spot_url="",
    allow_unrestricted_ip=True,
    must_check_key=False,
)
