"""The manifest of a series: its files, where they came from, what the gate found. Written last, it commits."""

from hashlib import sha256
from pathlib import Path

import msgspec

from geobuk.data.layout import MANIFEST, SeriesKey
from geobuk.domain.errors import DataError
from geobuk.panel import Finding, IntArray

SCHEMA = 2
"""Of the manifests written now. Schema 1 had no revisions, no hashes of content and masks of eight bits."""


class StoredFile(msgspec.Struct, frozen=True):
    """One Parquet file. Its name carries the start of its checksum, so a new version never overwrites an old one."""

    name: str
    period: str
    rows: int
    first_at_ns: int
    last_at_ns: int
    size: int
    sha256: str
    codec: str = "zstd"


class Block(msgspec.Struct, frozen=True):
    """The content of one calendar period, whatever files hold it: the hash of its rows."""

    period: str
    rows: int
    sha256: str


class Source(msgspec.Struct, frozen=True):
    """A file that rows came from, and how it was read. ``mapping`` is role → column.

    It held ``rows`` rows of the series from ``first_at_ns`` to ``last_at_ns``; where two overlap, the earlier in the
    manifest is the one whose rows are stored. ``url`` and ``fetched_at_ns`` are known of what was downloaded.
    Its rows before ``kept_from_ns`` were removed later.
    """

    file: str
    sha256: str
    imported_at_ns: int
    mapping: dict[str, str]
    time_unit: str = "auto"
    time_zone: str = "UTC"
    volume_unit: str = "base"
    url: str = ""
    fetched_at_ns: int = 0
    first_at_ns: int = 0
    last_at_ns: int = 0
    rows: int = 0
    kept_from_ns: int = 0

    def reads_like(self, other: "Source") -> bool:
        """Whether both are the same bytes read in the same way."""
        return self._reading == other._reading

    def holding(self, at_ns: IntArray) -> "Source":
        """The same source, of which the range and number of rows are known; ``at_ns`` is sorted."""
        return msgspec.structs.replace(self, first_at_ns=int(at_ns[0]), last_at_ns=int(at_ns[-1]), rows=len(at_ns))

    def kept_from(self, before_ns: int) -> "Source":
        """The same source, of which the rows before a moment are not stored any more."""
        return msgspec.structs.replace(self, kept_from_ns=max(self.kept_from_ns, before_ns))

    @property
    def _reading(self) -> tuple[object, ...]:
        return (self.sha256, self.mapping, self.time_unit, self.time_zone, self.volume_unit)


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of a series without opening its files.

    ``revision`` counts its versions. ``blocks`` are hashes of its content by period; manifests of schema 1 lack both.
    ``has_closing_prints`` says that some bar opens at the very close of a session.
    """

    schema: int = SCHEMA
    revision: int = 0
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
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    quarantine_reason: str = ""
    has_closing_prints: bool = False

    @property
    def key(self) -> SeriesKey:
        """The name of the series."""
        return SeriesKey(self.venue, self.instrument, self.kind, self.interval)

    @property
    def content_hash(self) -> str:
        """SHA-256 over times, values and marks of every row, whatever files hold them; empty where it is not known.

        Equal rows have equal hashes: after compaction, in another catalog, imported in one file or in many.
        """
        if not self.blocks:
            return ""
        text = "".join(f"|{block.period}:{block.rows}:{block.sha256}" for block in self.blocks)
        return sha256(f"{self.kind}|{self.interval}{text}".encode()).hexdigest()

    @property
    def age(self) -> tuple[int, int]:
        """What tells the newer of two manifests of one series."""
        return (self.revision, len(self.sources))


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
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise DataError(
            f"{path} is damaged ({error})", cure=f"delete the folder {folder} and import its data again"
        ) from None
    if manifest.schema > SCHEMA:
        raise DataError(
            f"{path} was written by a newer Geobuk (schema {manifest.schema}, this one knows {SCHEMA})",
            cure="install that version again, or use another folder with GEOBUK_HOME",
        )
    return manifest


def hash_manifests(manifests: list[Manifest]) -> str:
    """SHA-256 over the content of every series, in order of their names: equal hashes mean equal history.

    A series of schema 1 counts by the checksums of its files, until it is next written.
    """
    digest = sha256()
    for manifest in sorted(manifests, key=lambda m: m.key):
        digest.update(str(manifest.key).encode())
        for part in [manifest.content_hash] if manifest.blocks else [file.sha256 for file in manifest.files]:
            digest.update(part.encode())
    return digest.hexdigest()
