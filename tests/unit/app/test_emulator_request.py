"""The emulator as it is asked for on the command line."""

from geobuk.app.emulator import EmulatorRequest, emulate


def test_numbers_of_orders_do_not_fit_into_32_bits() -> None:
    engine = emulate(EmulatorRequest(port=0, instruments=("BTCUSDT",), seed=9)).exchange.spec.engine
    assert engine.seed == 9
    assert min(engine.first_order_id, engine.first_conditional_id) > 2**32
