"""The chance of losing all, or too much: unit bets, Brownian equity, and futures drawn from past returns."""

from geobuk.quant.ruin.brownian import brownian_ruin
from geobuk.quant.ruin.from_returns import RuinProbability, RuinQuestion, ruin_probability
from geobuk.quant.ruin.gambler import gambler_duration, gambler_ruin

__all__ = [
    "RuinProbability",
    "RuinQuestion",
    "brownian_ruin",
    "gambler_duration",
    "gambler_ruin",
    "ruin_probability",
]
