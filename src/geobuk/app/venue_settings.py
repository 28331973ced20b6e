"""Where venues are and how careful their adapters should be, as a person sets it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from geobuk.venues.binance.spec import LIVE, TESTNET, BinanceSpec

_HTTP, _WIRE = r"^https?://\S+$", r"^wss?://\S+$"


class BinanceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Binance USDⓈ-M futures. Empty addresses are those of the ``system``.

    The key and its secret are no settings: they are read from the variables ``GEOBUK_BINANCE_KEY`` and
    ``GEOBUK_BINANCE_SECRET`` (an HMAC secret, or an Ed25519 private key in PEM).
    """

    system: Annotated[Literal["live", "testnet"], Meta(description="whose addresses the empty ones are")] = "live"
    rest: Annotated[str, Meta(pattern=rf"({_HTTP})|^$", description="REST interface")] = ""
    streams: Annotated[str, Meta(pattern=rf"({_WIRE})|^$", description="market and user streams")] = ""
    spot: Annotated[str, Meta(pattern=rf"({_HTTP})|^$", description="spot REST, which tells what a key may do")] = ""
    allow_unrestricted_ip: Annotated[bool, Meta(description="trade with a key that works from any address")] = False
    recv_window_ms: Annotated[int, Meta(ge=100, le=60_000, description="how late the venue may accept a request")] = (
        LIVE.recv_window_ms
    )
    order_timeout_seconds: Annotated[float, Meta(gt=0, le=60, description="longest wait for an order's reply")] = (
        LIVE.order_timeout_s
    )
    reserved_share: Annotated[
        float, Meta(ge=0, le=0.9, description="share of every limit that only orders and cancels may spend")
    ] = LIVE.reserved_share

    @property
    def as_spec(self) -> BinanceSpec:
        """The adapter's settings."""
        usual = LIVE if self.system == "live" else TESTNET
        return BinanceSpec(
            rest_url=self.rest or usual.rest_url,
            stream_url=self.streams or usual.stream_url,
            spot_url=self.spot or usual.spot_url,
            allow_unrestricted_ip=self.allow_unrestricted_ip or usual.allow_unrestricted_ip,
            must_check_key=usual.must_check_key,
            recv_window_ms=self.recv_window_ms,
            order_timeout_s=self.order_timeout_seconds,
            reserved_share=self.reserved_share,
        )


class VenueSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The venues that Geobuk reaches."""

    binance: BinanceSettings = BinanceSettings()
