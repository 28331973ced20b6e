"""A detector as bytes and back, so that a restart goes on where it left off, bit for bit."""

from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from geobuk.domain.errors import DataError
from geobuk.domain.trading_year import TradingYear
from geobuk.panel import FloatArray
from geobuk.quant.hmm import GaussianHMM
from geobuk.regime.detector import RegimeDetector
from geobuk.regime.refit import Refit
from geobuk.regime.spec import RegimeSpec

_FORM = 1
_ARRAYS = ("clock", "prices", "history", "prior", "posterior", "labels", "held")


class _StoredFit(Struct, frozen=True, array_like=True):
    at_ns: int
    observations: int
    flags: tuple[str, ...]
    loglik: float
    model: dict[str, bytes]
    labels: tuple[int, ...]
    volatility: str


class _Stored(Struct, frozen=True):
    form: int
    spec: RegimeSpec
    instruments: tuple[str, ...]
    interval_ns: int
    utc_offset_ns: int
    sessions: float
    session_ns: int
    last_at_ns: int
    arrays: dict[str, bytes]
    refits: tuple[_StoredFit, ...]


def store(detector: RegimeDetector) -> bytes:
    """Everything that the detector knows, as MessagePack."""
    cells = detector.cells
    arrays = {name: getattr(cells, name).tobytes() for name in _ARRAYS}
    arrays |= {f"model.{name}": array.tobytes() for name, array in cells.model._asdict().items()}
    return msgspec.msgpack.encode(
        _Stored(
            _FORM,
            detector.spec,
            detector.instruments,
            detector.grid.interval_ns,
            detector.grid.utc_offset_ns,
            detector.grid.year.sessions,
            detector.grid.year.session_ns,
            detector.last_at_ns,
            arrays,
            tuple(_stored_fit(fit) for fit in detector.refits),
        )
    )


def restore(data: bytes) -> RegimeDetector:
    """The detector that :func:`store` wrote.

    Raises
    ------
    DataError : bytes that are none, or of another version.
    """
    try:
        kept = msgspec.msgpack.decode(data, type=_Stored)
    except msgspec.DecodeError as error:
        raise DataError(f"these bytes are no stored regime detector ({error})", cure="detect anew") from None
    if kept.form != _FORM:
        raise DataError(f"a regime detector stored in form {kept.form}, not {_FORM}", cure="detect anew")
    year = TradingYear(kept.sessions, kept.session_ns)
    detector = RegimeDetector(
        kept.instruments, kept.interval_ns, kept.spec, utc_offset_ns=kept.utc_offset_ns, year=year
    )
    cells = detector.cells
    for name in _ARRAYS:
        _fill(getattr(cells, name), kept.arrays[name])
    for name, array in cells.model._asdict().items():
        _fill(array, kept.arrays[f"model.{name}"])
    detector.refits = [_restored_fit(fit, kept.spec.states) for fit in kept.refits]
    detector.last_at_ns = kept.last_at_ns
    return detector


def _fill(array: np.ndarray[Any, Any], data: bytes) -> None:
    if len(data) != array.nbytes:
        raise DataError("the stored regime detector does not fit its own settings", cure="detect anew")
    array[...] = np.frombuffer(data, dtype=array.dtype).reshape(array.shape)


def _stored_fit(fit: Refit) -> _StoredFit:
    parameters = ("startprob", "transmat", "means", "covariances")
    model = {} if fit.model is None else {name: getattr(fit.model, name).tobytes() for name in parameters}
    labels = tuple(int(label) for label in fit.labels)
    return _StoredFit(fit.at_ns, fit.observations, fit.flags, fit.loglik, model, labels, fit.volatility)


def _restored_fit(kept: _StoredFit, states: int) -> Refit:
    model = None
    if kept.model:
        arrays: dict[str, FloatArray] = {name: np.frombuffer(data) for name, data in kept.model.items()}
        model = GaussianHMM(
            arrays["startprob"],
            arrays["transmat"].reshape(states, states),
            arrays["means"].reshape(states, -1),
            arrays["covariances"].reshape(states, 2, 2),
        )
    labels = np.array(kept.labels, dtype=np.int64)
    return Refit(kept.at_ns, kept.observations, kept.flags, kept.loglik, model, labels, kept.volatility)
