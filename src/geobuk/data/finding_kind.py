"""What every code of the quality gate has: severity, consequence, meaning in two languages, a bit in the mask."""

from dataclasses import dataclass

PASS, MASK, QUARANTINE = "pass", "mask", "quarantine"
INFO, WARNING, ERROR = "info", "warning", "error"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A code's severity, consequence and meaning.

    ``phrase`` and ``phrase_ko`` name one case of it; ``bit`` is its place in the stored mask (0: no row is marked).
    """

    severity: str
    consequence: str
    phrase: str
    phrase_ko: str
    english: str
    korean: str
    bit: int = 0
