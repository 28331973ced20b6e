"""Which regime the market is in: history in, the detector's last word and its latest changes of mind out."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geobuk.app.history import read_history, wanted_history
from geobuk.app.home import Home
from geobuk.app.settings import Override, Settings, load_settings, override
from geobuk.domain.regime import Regime
from geobuk.domain.times import iso_text
from geobuk.ops.progress import Progress
from geobuk.panel import Panel
from geobuk.regime import RegimePath, detect


@dataclass(frozen=True, slots=True)
class RegimeRequest:
    """A question as it was asked. What is left empty, the settings say; ``period`` holds two ISO dates, inclusive."""

    venue: str = ""
    interval: str = ""
    resample: str = ""
    instruments: tuple[str, ...] = ()
    period: tuple[str, str] = ("", "")
    language: str = ""
    sets: tuple[str, ...] = ()
    settings_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One direction became another at the close of a bar."""

    at_ns: int
    before: Regime
    after: Regime
    probability: float


@dataclass(frozen=True)
class ToldRegime:
    """The answer: the path of the whole period, and what it was made of."""

    path: RegimePath
    panel: Panel
    settings: Settings

    def changes(self, most: int) -> tuple[Change, ...]:
        """The latest changes of direction, newest first; the ways out of UNKNOWN and into it are among them."""
        held, chance = self.path.directions, self.path.probability
        rows = [t for t in range(len(held) - 1, 0, -1) if held[t] != held[t - 1]][:most]
        ends = self.path.at_ns + self.path.interval_ns
        return tuple(Change(int(ends[t]), Regime(held[t - 1]), Regime(held[t]), float(chance[t])) for t in rows)

    def as_json(self, most: int) -> dict[str, Any]:
        """Plain values; NaN where something is not known."""
        path, panel = self.path, self.panel
        names = ("bull", "bear", "sideways")
        last = path.refits[-1] if path.refits else None
        counted = asdict(path.statistics(panel.year))
        by_name = {key: {k.lower(): v for k, v in counted[key].items()} for key in ("shares", "mean_dwell_days")}
        return {
            "venue": panel.venue,
            "interval": panel.interval,
            "is_synthetic": panel.is_synthetic,
            "at": iso_text(int(path.at_ns[-1]) + path.interval_ns),
            "regime": Regime(path.directions[-1]).name.lower(),
            "is_high_volatility": bool(path.is_high_volatility[-1]),
            "probability": float(path.probability[-1]),
            "probabilities": dict(zip(names, path.probabilities[-1].tolist(), strict=True)),
            "volatility": float(path.volatility[-1]),
            "age_bars": int(path.ages[-1]),
            "age_days": float(path.ages_days[-1]),
            "text": path.describe(-1, "en"),
            "text_ko": path.describe(-1, "ko"),
            "changes": [
                {
                    "at": iso_text(one.at_ns),
                    "before": one.before.name.lower(),
                    "after": one.after.name.lower(),
                    "probability": one.probability,
                }
                for one in self.changes(most)
            ],
            "statistics": counted | by_name,
            "fits": len(path.refits),
            "last_fit": None if last is None else {"at": iso_text(last.at_ns), "flags": list(last.flags)},
        }


def tell_regime(home: Home, request: RegimeRequest, progress: Progress | None = None) -> ToldRegime:
    """Read and detect, whether or not the detector is enabled in a backtest.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    tell = progress or (lambda stage, done, total: None)
    sets = [override(text, "--set") for text in request.sets]
    language = Override(("report", "language"), request.language, f"--lang {request.language}")
    settings = load_settings(
        request.settings_file, home=home, overrides=[*sets, *([language] if request.language else [])]
    )
    wanted = wanted_history(
        settings,
        venue=request.venue,
        interval=request.interval,
        instruments=request.instruments,
        period=request.period,
        resample=request.resample,
    )
    tell("history", 0, 0)
    panel = read_history(home, settings, wanted)
    tell("regimes", 0, 0)
    return ToldRegime(detect(panel, settings.regime_detector.as_spec), panel, settings)
