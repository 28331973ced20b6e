"""A regime filter (3 states, 2 features) and a GARCH variance, one bar after the other in a compiled loop."""

from importlib.metadata import version
from time import perf_counter

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from measuring import Figure, Timing

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray
from geobuk.quant.hmm.filter import filter_step
from geobuk.quant.hmm.model import FilterArrays, GaussianHMM
from geobuk.quant.volatility.garch import garch_step

BARS, PLAIN_BARS, WINDOW, WINDOWS = 200_000, 5_000, 500, 20
GARCH = (1e-6, 0.08, 0.90)


def run(bench: Bench) -> list[Figure]:
    """Microseconds a bar beside plain NumPy bar by bar, and beside hmmlearn and arch run again over a window."""
    model, bars = market()
    arrays = model.arrays
    folder = bench.store(
        "regime_step",
        bars=bars[:PLAIN_BARS],
        transmat=model.transmat,
        means=model.means,
        startprob=model.startprob,
        inverse=np.linalg.inv(model.covariances),
        log_scales=arrays.log_scales,
        garch=np.array(GARCH),
    )
    call = RivalCall("numpy", "plain_risk:measure_regime", {"folder": folder})
    require_same(bench, call, bars, arrays)
    own, rivals = bench.compare(lambda: followed(bars, arrays)[0] / BARS, call)
    again = Timing(tuple(recomputed(model, bars) for _ in range(bench.repeats)))
    figures = [figure("regime_step", own, f"plain {one.name}", one.version, one.timing) for one in rivals]
    figures.append(figure("regime_step_recomputed", own, "hmmlearn + arch", version("hmmlearn"), again))
    bench.notes.append(
        f"regime_step: hmmlearn {version('hmmlearn')} and arch {version('arch')} compute the last {WINDOW} bars again "
        "at each bar, with the same fixed parameters; nothing is fitted on either side."
    )
    return figures


def market() -> tuple[GaussianHMM, FloatArray]:
    """A model of returns and of their size, and (BARS, 2) observations of it."""
    rng = np.random.default_rng(4)
    transmat = np.array([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.02, 0.02, 0.96]])
    means = np.array([[0.001, 0.01], [-0.001, 0.02], [0.0, 0.04]])
    covariances = np.array([np.diag([s * s, 0.25 * s * s]) for s in (0.01, 0.02, 0.04)])
    covariances[:, 0, 1] = covariances[:, 1, 0] = 0.1 * covariances[:, 0, 0]
    states = rng.integers(0, 3, BARS // 100).repeat(100)
    shocks = rng.normal(size=(BARS, 2))
    bars = means[states] + np.einsum("tij,tj->ti", np.linalg.cholesky(covariances)[states], shocks)
    return GaussianHMM(np.full(3, 1 / 3), transmat, means, covariances), np.ascontiguousarray(bars)


@kernel
def follow_bars(
    bars: FloatArray, model: FilterArrays, garch: FloatArray, prior: FloatArray, state: FloatArray, variance: float
) -> float:
    """Both steps for each bar; ``prior`` and ``state`` (K,) are written over. Returns the next variance."""
    for t in range(bars.shape[0]):
        filter_step(prior, bars[t], model, state)
        variance = garch_step(variance, bars[t, 0], garch[0], garch[1], 0.0, garch[2])
    return variance


def followed(bars: FloatArray, arrays: FilterArrays) -> tuple[float, FloatArray, float]:
    """Seconds, the last probabilities, the last variance."""
    prior, state = arrays.startprob.copy(), np.empty(3)
    start = perf_counter()
    variance = follow_bars(bars, arrays, np.array(GARCH), prior, state, 1e-4)
    return perf_counter() - start, state, variance


def recomputed(model: GaussianHMM, bars: FloatArray) -> float:
    """Seconds a bar of hmmlearn's probabilities and arch's variance over the last WINDOW bars."""
    from arch import arch_model
    from hmmlearn.hmm import GaussianHMM as Theirs

    theirs = Theirs(3, covariance_type="full")
    theirs.startprob_, theirs.transmat_ = model.startprob, model.transmat
    theirs.means_, theirs.covars_ = model.means, model.covariances
    start = perf_counter()
    for end in range(WINDOW, WINDOW + WINDOWS):
        window = bars[end - WINDOW : end]
        theirs.predict_proba(window)
        arch_model(window[:, 0], mean="Zero", rescale=False).fix(list(GARCH)).forecast(horizon=1)
    return (perf_counter() - start) / WINDOWS


def require_same(bench: Bench, call: RivalCall, bars: FloatArray, arrays: FilterArrays) -> None:
    """Both sides end in the same probabilities and variance, or there is nothing to compare."""
    answer = bench.ask(call)
    if answer is None:
        return
    _, state, variance = followed(bars[:PLAIN_BARS], arrays)
    if not (np.allclose(state, answer["state"], atol=1e-9) and np.isclose(variance, answer["variance"], rtol=1e-9)):
        raise CaseFailedError(f"we end at {state} and {variance}, plain NumPy at {answer['state']}")


def figure(name: str, ours: Timing, rival: str, of: str | None, theirs: Timing) -> Figure:
    """Microseconds a bar; smaller is better."""
    value, other = ours.median * 1e6, theirs.median * 1e6
    return Figure(name, value, "µs/bar", rival, of, other, other / value, ours.spread)
