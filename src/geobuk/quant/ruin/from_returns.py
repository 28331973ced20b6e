"""Ruin of an account whose future is drawn in blocks from its own past returns. Seeded; the error is reported."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class RuinQuestion:
    """Which fall, within how many periods, and how futures are drawn.

    ``fraction``: the fall that counts as ruin (0.5: half is gone). ``periods``: horizon. ``is_from_peak``: below the
    running peak, else below the start. ``mean_block``: periods that stay together; 1 draws them one by one.
    ``is_stationary``: block lengths are geometric (Politis & Romano 1994), else all equal (circular blocks).

    Raises
    ------
    ValueError : a fraction outside (0, 1], fewer than 1 period, a mean block below 1 (or not whole where blocks are
        equal), fewer than 2 paths, a negative seed.
    """

    fraction: float
    periods: int
    is_from_peak: bool = False
    mean_block: float = 10.0
    is_stationary: bool = True
    paths: int = 20_000
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0.0 < self.fraction <= 1.0:
            raise ValueError(f"fraction {self.fraction} is not in (0, 1]: write 0.5 for half")
        if not 1.0 <= self.mean_block < math.inf or (not self.is_stationary and self.mean_block % 1.0):
            raise ValueError(f"mean_block {self.mean_block}: give 1 or more periods, whole ones for equal blocks")
        if self.periods < 1 or self.paths < 2 or self.seed < 0:
            raise ValueError(f"periods {self.periods}, paths {self.paths}, seed {self.seed}: give at least 1, 2 and 0")


@dataclass(frozen=True, slots=True)
class RuinProbability:
    """Share of the drawn futures that were ruined, with its binomial standard error.

    ``flags``: ``short`` where the past is shorter than ten blocks or than the horizon, ``never`` and ``always`` where
    no future or every one was ruined (the error then says nothing).
    """

    probability: float
    standard_error: float
    paths: int
    seed: int
    flags: tuple[str, ...]


class Blocks(NamedTuple):
    """A circular (n,) past, the chance that a block ends before each period, and the length at which it ends anyhow."""

    past: FloatArray
    restart: float
    length: int


def ruin_probability(returns: npt.ArrayLike, question: RuinQuestion) -> RuinProbability:
    """Probability that an account with (n,) simple ``returns`` per period falls by the fraction within the horizon.

    Falls are seen at the ends of periods. Only what the past contains can happen: the chance of a fall that is larger
    than any before is understated. **Source**: Politis & Romano 1994, The stationary bootstrap.

    Raises
    ------
    ValueError : an empty or non-finite past.
    """
    past = finite(returns, "returns")
    restart, length = (
        (1.0 / question.mean_block, question.periods) if question.is_stationary else (0.0, int(question.mean_block))
    )
    blocks = Blocks(past, restart, length)
    generator = np.random.default_rng(question.seed)
    keeps = 1.0 - question.fraction
    ruined = count_ruined(generator, blocks, keeps, question.periods, question.paths, question.is_from_peak)
    share = ruined / question.paths
    error = math.sqrt(share * (1.0 - share) / question.paths)
    return RuinProbability(share, error, question.paths, question.seed, tuple(_flags(past, question, share)))


def _flags(past: FloatArray, question: RuinQuestion, share: float) -> list[str]:
    flags = ["short"] if len(past) < max(10.0 * question.mean_block, question.periods) else []
    if share in {0.0, 1.0}:
        flags.append("always" if share else "never")
    return flags


@kernel
def count_ruined(
    generator: np.random.Generator, blocks: Blocks, keeps: float, periods: int, paths: int, is_from_peak: bool
) -> int:
    """How many of ``paths`` futures fall to ``keeps`` of their start (or of their running peak) or below."""
    past, ruined = blocks.past, 0
    for _ in range(paths):
        wealth, peak, place, left = 1.0, 1.0, 0, 0
        for _ in range(periods):
            if left == 0 or generator.random() < blocks.restart:
                place, left = int(generator.integers(0, past.shape[0])), blocks.length
            wealth *= max(0.0, 1.0 + past[place])
            place = place + 1 if place + 1 < past.shape[0] else 0
            left -= 1
            peak = max(peak, wealth) if is_from_peak else 1.0
            if wealth <= keeps * peak * (1.0 + 1e-12):
                ruined += 1
                break
    return ruined
