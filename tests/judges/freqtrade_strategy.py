"""A strategy for the freqtrade run: in at once, out at the next look. Runs in the clients' environment."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class InAndOut(IStrategy):
    """Buys whenever it holds nothing and leaves at the first profit or loss."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    minimal_roi = {"0": 100}  # noqa: RUF012 - the form that freqtrade reads
    stoploss = -0.5
    startup_candle_count = 1
    process_only_new_candles = False
    order_types = {  # noqa: RUF012
        "entry": "market",
        "exit": "market",
        "stoploss": "market",
        "stoploss_on_exchange": True,
        "stoploss_on_exchange_interval": 5,
    }

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["exit_long"] = 0
        return dataframe

    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):
        held_s = (current_time - trade.open_date_utc).total_seconds()
        return "looked" if held_s > 5 else None
