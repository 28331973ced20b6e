"""The folder that holds everything of a person's: catalog, store, settings, reports, logs. Knows no format."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Where things are, under ``root``. Folders appear when something is first written into them."""

    root: Path

    @property
    def catalog_dir(self) -> Path:
        """Imported history."""
        return self.root / "catalog"

    @property
    def downloads_dir(self) -> Path:
        """Files on their way into the catalog."""
        return self.root / "downloads"

    @property
    def settings_file(self) -> Path:
        """The one settings file; it need not exist."""
        return self.root / "settings.toml"

    @property
    def store_dir(self) -> Path:
        """What must survive."""
        return self.root / "store"

    @property
    def runs_dir(self) -> Path:
        """A summary of each run, by its id."""
        return self.store_dir / "runs"

    @property
    def paper_evidence(self) -> Path:
        """What paper trading has shown; see docs/gates.md."""
        return self.store_dir / "paper" / "evidence.json"

    @property
    def reports_dir(self) -> Path:
        """HTML reports."""
        return self.root / "reports"

    @property
    def defect_log(self) -> Path:
        """Tracebacks of Geobuk's own defects."""
        return self.root / "logs" / "defects.log"


def default_home(env: Mapping[str, str] | None = None) -> Home:
    """``$GEOBUK_HOME``, or ``~/.geobuk``."""
    named = (os.environ if env is None else env).get("GEOBUK_HOME", "")
    return Home(Path(named).expanduser() if named else Path.home() / ".geobuk")
