"""Regimes by hidden Markov models: fit offline, filter online, hold what was found long enough to act on it."""

from geobuk.quant.hmm.discrete import symbol_likelihoods, viterbi
from geobuk.quant.hmm.filter import filter_rows, filter_step, filtered, filtered_from_likelihoods
from geobuk.quant.hmm.fit import FittedHMM, HMMSpec, fit_hmm, match_states
from geobuk.quant.hmm.hysteresis import (
    HeldRegimes,
    Hysteresis,
    RegimeChoice,
    choose_step,
    held_regimes,
    held_states,
    hold_step,
)
from geobuk.quant.hmm.model import FilterArrays, GaussianHMM, ergodic, expected_durations, predicted

__all__ = [
    "FilterArrays",
    "FittedHMM",
    "GaussianHMM",
    "HMMSpec",
    "HeldRegimes",
    "Hysteresis",
    "RegimeChoice",
    "choose_step",
    "ergodic",
    "expected_durations",
    "filter_rows",
    "filter_step",
    "filtered",
    "filtered_from_likelihoods",
    "fit_hmm",
    "held_regimes",
    "held_states",
    "hold_step",
    "match_states",
    "predicted",
    "symbol_likelihoods",
    "viterbi",
]
