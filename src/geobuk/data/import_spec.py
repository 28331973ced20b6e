"""What a person says of a file to import. It opens no file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geobuk.data.layout import require_kind, require_venue
from geobuk.domain.errors import UserError


@dataclass(frozen=True)
class ImportSpec:
    """A file and how to read it.

    ``interval`` may be empty: it is then read from the spacing of the rows. ``columns`` is role → column (roles: at,
    instrument, open, high, low, close, volume, rate). ``instrument`` names the one instrument of a file without such
    a column; else the file's name must begin with it. Funding has no interval; one that is given is ignored.
    ``url`` and ``fetched_at_ns`` say where a downloaded file came from, and when.
    """

    path: Path
    venue: str
    interval: str = ""
    kind: str = "bars"
    instrument: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: str = "auto"
    time_zone: str = "UTC"
    is_synthetic: bool = False
    volume_unit: str = "base"
    url: str = ""
    fetched_at_ns: int = 0

    def require_readable(self) -> None:
        """Raises UserError for words that mean nothing."""
        require_kind(self.kind)
        require_venue(self.venue)
        if self.volume_unit not in {"base", "quote"}:
            raise UserError(f"{self.volume_unit!r} is not a volume unit", cure="use base or quote")
