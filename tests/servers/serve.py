"""The local server in a process of its own, for measurements: ten months of 1-minute bars, made before it answers.

python -m tests.servers.serve BYTES_PER_SECOND INSTRUMENT … prints its address and the size of the files; it ends with a
line on its standard input.
"""

import json
import sys
from datetime import UTC, datetime

from tests.servers import market
from tests.servers.binance import BinanceServer

MONTHS = [f"2023-{month:02}" for month in range(1, 11)]
NOW_MS = int(datetime(2024, 3, 5, 10, 30, tzinfo=UTC).timestamp()) * 1000


def main(bytes_per_second: float, instruments: tuple[str, ...]) -> None:
    """Serve until somebody writes a line."""
    server = BinanceServer(NOW_MS, instruments, bytes_per_second=bytes_per_second, chunk=1 << 18)
    size = 0
    months = {month: _csv(instruments[0], month) for month in MONTHS}
    for name in instruments:  # the same prices under every name: a row costs the same, and they are made once
        for month, content in months.items():
            base = f"{name}-1m-{month}"
            server.replaced[f"/data/futures/um/monthly/klines/{name}/1m/{base}.zip"] = data = market.zipped(
                f"{base}.csv", content
            )
            size += len(data)
    with server:
        sys.stdout.write(json.dumps({"base": server.base, "size": size}) + "\n")
        sys.stdout.flush()
        sys.stdin.readline()


def _csv(instrument: str, month: str) -> bytes:
    return market.archive_csv("klines", instrument, "1m", month, with_header=True, micro=False)


if __name__ == "__main__":
    main(float(sys.argv[1]), tuple(sys.argv[2:]))
