"""The manifest of a series: its files, where they came from, what the gate found. Written last, it commits."""

from hashlib import sha256
from pathlib import Path

import msgspec

from geobuk.data.layout import MANIFEST, SeriesKey
from geobuk.domain.errors import DataError
from geobuk.panel import Finding


class StoredFile(msgspec.Struct, frozen=True):
    """One Parquet file. Its name carries the start of its checksum, so a new version never overwrites an old one."""

    name: str
    period: str
    rows: int
    first_at_ns: int
    last_at_ns: int
    size: int
    sha256: str


class Source(msgspec.Struct, frozen=True):
    """A file that rows came from, and how it was read. ``mapping`` is role → column."""

    file: str
    sha256: str
    imported_at_ns: int
    mapping: dict[str, str]
    time_unit: str = "auto"
    time_zone: str = "UTC"
    volume_unit: str = "base"

    def reads_like(self, other: "Source") -> bool:
        """Whether both are the same bytes read in the same way."""
        return msgspec.structs.replace(self, file="", imported_at_ns=0) == msgspec.structs.replace(
            other, file="", imported_at_ns=0
        )


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a series without opening its files."""

    schema: int = 1
    venue: str
    instrument: str
    kind: str
    interval: str
    phase_ns: int
    is_synthetic: bool
    rows: int
    masked: int
    first_at_ns: int
    last_at_ns: int
    files: tuple[StoredFile, ...]
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    quarantine_reason: str = ""

    @property
    def key(self) -> SeriesKey:
        """The name of the series."""
        return SeriesKey(self.venue, self.instrument, self.kind, self.interval)


def encode_manifest(manifest: Manifest) -> bytes:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def load_manifest(folder: Path) -> Manifest | None:
    """The manifest in a folder; None if there is none.

    Raises
    ------
    DataError
        It can't be read.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(f"can't read {path} ({error.strerror})", cure="check the permissions of the folder") from None
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise DataError(
            f"{path} is damaged ({error})", cure=f"delete the folder {folder} and import its data again"
        ) from None


def hash_manifests(manifests: list[Manifest]) -> str:
    """SHA-256 over the checksums of every file, in order of the series: equal hashes mean equal history."""
    digest = sha256()
    for manifest in sorted(manifests, key=lambda m: m.key):
        digest.update(str(manifest.key).encode())
        for file in manifest.files:
            digest.update(file.sha256.encode())
    return digest.hexdigest()
