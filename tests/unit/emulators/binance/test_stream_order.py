"""In which order reports become user events; and the diffs of a book at several speeds."""

from dataclasses import replace
from decimal import Decimal

from tests.support.emulation import Scene, in_emulation

from geobuk.domain.order import Side
from geobuk.emulators.binance.streams.depth_diffs import DepthDiffs
from geobuk.emulators.binance.streams.user_stream import in_order
from geobuk.matching.engine.reports import AccountReport, OrderReport, Report
from geobuk.matching.engine.views import Changes


def told(reports: list[Report]) -> list[str]:
    names = []
    for report, is_lite in in_order(reports):
        if isinstance(report, OrderReport):
            names.append("LITE" if is_lite else report.type.value)
        elif isinstance(report, AccountReport):
            names.append("ACCOUNT")
    return names


def test_each_fill_begins_with_its_trade_lite_the_first_one_before_new() -> None:
    async def act(scene: Scene) -> None:
        heard: list[Report] = []
        scene.exchange.listen(heard.append)
        scene.market.quote("BTCUSDT", scene.clock.at_ns, [("83999.90", "9")], [("84000.00", "0.1"), ("84000.10", "9")])
        scene.exchange.pump()
        await scene.market_order("BUY", "0.200")
        own = [report for report in heard if isinstance(report, OrderReport | AccountReport)]
        one_fill = ["ACCOUNT", "TRADE"]
        assert told(own) == ["LITE", "NEW", *one_fill, "LITE", *one_fill]
        others = [replace(report, account="other") if isinstance(report, AccountReport) else report for report in own]
        assert told(others) == ["NEW", "ACCOUNT", "LITE", "TRADE", "ACCOUNT", "LITE", "TRADE"]

    in_emulation(act)


def test_our_accounts_trade_with_each_other_and_each_hears_its_own_side() -> None:
    async def act(scene: Scene) -> None:
        scene.exchange.open_account("other", {"USDT": Decimal(10_000)})
        key = await scene.listen_key()
        other = scene.exchange.listen_keys.create("other", scene.exchange.now_ms).key
        async with scene.listening(f"/private/ws/{key}") as ours, scene.listening(f"/private/ws/{other}") as theirs:
            await scene.order(side="BUY", price="83999.90", quantity="0.010")
            scene.fault("trade_print", instrument="BTCUSDT", side=Side.SELL.name, price="83999.80", quantity="60.000")
            events = [(await ours.next())["e"] for _ in range(4)]
            assert events == ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
            assert await theirs.hears_nothing()

    in_emulation(act)


def test_a_conditional_order_refused_at_its_trigger_says_why_in_the_venues_words() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws/{key}") as client:
            await scene.signed(
                "POST",
                "/fapi/v1/algoOrder",
                algoType="CONDITIONAL",
                symbol="BTCUSDT",
                side="SELL",
                type="STOP_MARKET",
                quantity="40.000",
                triggerPrice="83900.00",
            )
            scene.quote("83899.90", "83900.00")
            scene.fault("trade_print", instrument="BTCUSDT", side="SELL", price="83899.90", quantity="0.001")
            event = await client.next()
            while event["o"]["X"] != "REJECTED":
                event = await client.next()
            assert event["o"]["rm"] == "Margin is insufficient."

    in_emulation(act)


def test_each_speed_gathers_for_itself_and_keeps_the_newest_quantity() -> None:
    diffs = DepthDiffs(10)
    price = Decimal("84000.00")
    diffs.add(Changes(11, 12, [(price, Decimal(1))], []))
    assert diffs.due(100) == ((11, 12, 10), ([(price, Decimal(1))], []))
    diffs.close(100)
    assert diffs.due(100) is None
    diffs.add(Changes(13, 15, [(price, Decimal(0))], [(price + 1, Decimal(2))]))
    assert diffs.due(100) == ((13, 15, 12), ([(price, Decimal(0))], [(price + 1, Decimal(2))]))
    assert diffs.due(500) == ((11, 15, 10), ([(price, Decimal(0))], [(price + 1, Decimal(2))]))
