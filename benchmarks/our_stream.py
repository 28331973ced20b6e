"""One run over the catalog, in memory or stretch by stretch, in a process of its own. Prints one JSON line."""

import json
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from cases.portfolio import every_rule
from markets import frictionless
from measuring import peak_bytes

from geobuk.data.catalog import Catalog
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.times import NS_PER_MINUTE
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.run import simulate
from geobuk.simulate.stream import LEAST_BLOCK, Believer, simulate_stream

LOOK = 240


def momentum(panel: Panel) -> FloatArray:
    """How far the close moved in LOOK bars, within [-1, 1]: a forecast that needs no longer memory."""
    forecast = np.full(panel.shape, np.nan)
    forecast[LOOK:] = np.clip((panel.close[LOOK:] / panel.close[:-LOOK] - 1.0) * 20.0, -1.0, 1.0)
    return forecast


def measure(home: str, venue: str, bars: int, is_streamed: bool) -> dict[str, float]:
    """Seconds from the catalog to the final equity over the first ``bars`` bars; a short run loads kernels before."""
    catalog = Catalog(Path(home) / "catalog")
    first = min(entry.first_at_ns for entry in catalog.series())
    query = PanelQuery(venue, "1m", to_ns=first + bars * NS_PER_MINUTE)
    short = catalog.read_panel(PanelQuery(venue, "1m", to_ns=first + 3000 * NS_PER_MINUTE))
    rules, spec = frictionless(short), every_rule("1h")
    believer = Believer(momentum, LOOK)
    simulate_stream([short], believer, rules, spec)
    simulate(short, momentum(short), rules, spec)
    start = perf_counter()
    if is_streamed:
        equity = simulate_stream(catalog.read_chunks(query, LEAST_BLOCK), believer, rules, spec).final_equity
    else:
        panel = catalog.read_panel(query)
        equity = float(simulate(panel, momentum(panel), rules, spec).equity[-1])
    return {"seconds": perf_counter() - start, "peak_bytes": peak_bytes(), "equity": equity}


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
