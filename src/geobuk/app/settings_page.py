"""The page that lists every setting, made from the annotations themselves: `python -m geobuk.app.settings_page`."""

import inspect
import re
import sys
from collections.abc import Iterable, Mapping

from msgspec import Struct

from geobuk.app.schema import Field, dotted, fields, groups
from geobuk.app.settings import Settings
from geobuk.strategies.registry import available

_HEAD = """# Settings

One TOML file: `settings.toml` in `GEOBUK_HOME` (default `~/.geobuk`), or the one that `--settings FILE` names. It need
not exist, and it need hold only what differs from the defaults:

```toml
[backtest.account]
capital = 230.0

[backtest.costs]
impact = 0.5

[strategies.trend]
pairs = 2

[strategies."my_strategy.py"]
days = 5.0
```

Later layers win: defaults, the file, the environment, the command line.

- **Environment**: `GEOBUK_` and the path in capitals, parts joined by two underscores:
  `GEOBUK_BACKTEST__COSTS__IMPACT=0.5`, `GEOBUK_STRATEGIES__TREND__PAIRS=2`. Values are written as in TOML; what is no
  TOML value is taken as a text.
- **Command line**: `--set costs.impact=0.5` (the leading `backtest.` may be left out) and `--param trend.pairs=2`.

A mistake stops the run before anything is computed, and is told with the file and line (or the variable or option), the
value, and what is allowed. Variables that are no settings: `GEOBUK_HOME` (the folder of everything), `GEOBUK_CACHE`
(compiled kernels, default `~/.cache/geobuk`).

This page is generated from the code: `.venv/bin/python -m geobuk.app.settings_page > docs/settings.md`.
"""


def settings_page(strategies: Mapping[str, type[Struct]]) -> str:
    """Markdown: one table for each group of settings, and one for each strategy's parameters."""
    parts = [_HEAD]
    for path, struct in groups(Settings):
        own = [field for field in fields(struct, path) if len(field.path) == len(path) + 1]
        if own:
            parts.append(_section(dotted(path), _prose(struct), own))
    for name in sorted(strategies):
        path = ("strategies", name)
        parts.append(_section(dotted(path), _prose(strategies[name]), fields(strategies[name], path)))
    return "\n".join(parts)


def _section(title: str, prose: str, rows: Iterable[Field]) -> str:
    lines = [
        f"## [{title}]" if title else "## Above the first table",
        "",
        prose,
        "",
        "| setting | may be | default | |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{row.path[-1]}` | {row.allowed} | `{row.default}` | {row.description} |" for row in rows]
    return "\n".join(lines) + "\n"


def _prose(struct: type[Struct]) -> str:
    text = inspect.cleandoc(struct.__doc__ or "").replace("``", "`")
    return re.sub(r":\w+:`(?:~?[\w.]*\.)?(\w+)`", r"`\1`", text)


if __name__ == "__main__":
    sys.stdout.write(settings_page(available()))
