"""What makes a result repeatable: hashes of its inputs, parameters and code, and of the result itself."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.ops.compiled import code_hash
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.spec import BacktestSpec


def input_hashes(
    panel: Panel,
    forecasts: FloatArray,
    instruments: Sequence[Instrument],
    spec: BacktestSpec,
    parameters: Mapping[str, Mapping[str, Any]],
) -> dict[str, str]:
    """SHA-256 of the panel, of all inputs, of the parameters, and of the code that turns them into a result."""
    values = sorted(
        (name, sorted((key, _plain(value)) for key, value in own.items())) for name, own in parameters.items()
    )
    settings = msgspec.json.encode(spec, order="deterministic") + repr(values).encode()
    rules = sha256(repr(tuple(instruments)).encode()).hexdigest()
    return {
        "panel": panel.content_hash,
        "inputs": digest_of_texts(panel.content_hash, digest_of_arrays(forecasts), rules),
        "parameters": sha256(settings).hexdigest(),
        "code": code_hash(),
    }


def _plain(value: Any) -> Any:
    """A numpy scalar as the Python number it stands for; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def digest_of_arrays(*arrays: np.ndarray[Any, Any]) -> str:
    """SHA-256 over the bytes of arrays, in order."""
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return digest.hexdigest()


def digest_of_texts(*texts: str) -> str:
    """SHA-256 over texts, in order."""
    return sha256("|".join(texts).encode()).hexdigest()
