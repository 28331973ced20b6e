"""What each regime is called, English and Korean: the one table that sentences, explanations and pages follow."""

from geobuk.domain.regime import Regime

REGIME_WORDS: dict[Regime, tuple[str, str]] = {
    Regime.UNKNOWN: ("unknown", "알 수 없음"),
    Regime.BULL: ("bull", "상승장"),
    Regime.BEAR: ("bear", "하락장"),
    Regime.SIDEWAYS: ("sideways", "횡보장"),
    Regime.NEUTRAL: ("neutral", "중립"),
}
