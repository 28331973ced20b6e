"""A process killed at any moment leaves each series as it was or as it was to be; the same command carries on."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from tests.support.killed_imports import KEYS, VENUE, StandingClock, Task, hold_lock, work

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportSpec, import_file
from geobuk.data.panel_query import PanelQuery
from geobuk.data.pruning import plan_prune
from geobuk.data.series_commit import current
from geobuk.data.synthetic import MarketSpec, synthetic_frame
from geobuk.data.verification import verify
from geobuk.domain.errors import StorageError
from geobuk.domain.times import parse_at

ROOT = Path(__file__).resolve().parents[2]
IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
RANDOM_KILLS = 3_000 if IS_SOAK else 60
NOW = parse_at("2026-01-01")
QUERY = PanelQuery(VENUE, "1h")
FRAME = synthetic_frame(MarketSpec(bars=900, instruments=1, start="2023-12-10"))
State = dict[str, tuple[str, bool] | None]


@pytest.fixture(scope="module")
def children() -> Iterator[ForkServerContext]:
    """Starts processes that have everything imported already: a child begins to work within milliseconds."""
    sys.path.insert(0, str(ROOT))
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.support.killed_imports", "tests.support.warm_imports"])
    yield context
    sys.path.remove(str(ROOT))


def run(children: ForkServerContext, task: Task) -> int:
    """The child's exit code; -9 where it was killed."""
    child = children.Process(target=work, args=(task,))
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


def both(frame: pl.DataFrame, path: Path) -> Path:
    """The same rows for both instruments, as a file."""
    pl.concat([frame.with_columns(instrument=pl.lit(key.instrument)) for key in KEYS]).write_parquet(path)
    return path


def bring(root: Path, path: Path) -> None:
    spec = ImportSpec(path, VENUE, interval="1h", is_synthetic=True)
    import_file(Catalog(root), spec, StandingClock(NOW))


def state(root: Path) -> State:
    """Of each series its content, and whether it is in quarantine; every file of it is read and compared."""
    found: State = {}
    for key in KEYS:
        manifest = current(root, key)
        found[key.instrument] = None
        if manifest is not None:
            (verified,) = verify(Catalog(root), [key])
            assert verified.problems == ()
            found[key.instrument] = (manifest.content_hash, bool(manifest.quarantine_reason))
    return found


@dataclass(frozen=True)
class Scenario:
    """A catalog as it was, the task that is killed, and both outcomes."""

    template: Path
    task: Task
    before: State
    after: State


SPARSE = FRAME.filter(pl.int_range(pl.len()) % 10 < 6)
SCENARIOS: dict[str, tuple[list[pl.DataFrame], str, list[pl.DataFrame]]] = {
    "first import": ([], "import", [FRAME.head(600)]),
    "append": ([FRAME.head(600)], "import", [FRAME]),
    "fill a hole": ([FRAME.head(300), FRAME.tail(300)], "import", [FRAME]),
    "into quarantine": ([FRAME.head(300)], "import", [FRAME.slice(460, 140)]),
    "out of quarantine": ([SPARSE], "import", [FRAME]),
    "compact": ([FRAME.head(600), FRAME], "compact", []),
    "prune": ([FRAME.head(600), FRAME], "prune", []),
}


def prepared(name: str, folder: Path) -> Scenario:
    """Play a scenario through once without a kill."""
    stored, kind, files = SCENARIOS[name]
    template = folder / "template"
    template.mkdir()
    for number, frame in enumerate(stored):
        bring(template, both(frame, folder / f"stored{number}.parquet"))
    if kind == "compact":
        make_old(template)
    paths = tuple(both(frame, folder / f"new{number}.parquet") for number, frame in enumerate(files))
    task = Task(template, kind, paths, NOW, before_ns=parse_at("2023-12-20"))
    before = state(template)
    played = folder / "played"
    shutil.copytree(template, played)
    work(replace(task, root=played))
    return Scenario(template, task, before, state(played))


def make_old(root: Path) -> None:
    """Let every manifest say that it is of the first version, so that compaction has something to do."""
    for path in root.rglob("manifest.json"):
        path.write_text(path.read_text().replace('"schema": 2', '"schema": 1'))


def assert_old_or_new(root: Path, scenario: Scenario) -> None:
    found = state(root)
    for name, content in found.items():
        assert content in {scenario.before[name], scenario.after[name]}


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_before_any_call_a_series_is_the_old_or_the_new_one(
    name: str, children: ForkServerContext, tmp_path: Path
) -> None:
    scenario = prepared(name, tmp_path)
    kills = 0
    for number in range(1 if IS_SOAK else 1 + list(SCENARIOS).index(name) % 2, 1_000, 1 if IS_SOAK else 2):
        root = tmp_path / f"run{number}"
        shutil.copytree(scenario.template, root)
        code = run(children, replace(scenario.task, root=root, die_at=number))
        assert_old_or_new(root, scenario)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
        work(replace(scenario.task, root=root))
        assert state(root) == scenario.after, "the same command carries on"
        work(Task(root, "prune"))
        assert plan_prune(Catalog(root)).leftovers == ()
        assert state(root) == scenario.after
        shutil.rmtree(root)
    assert kills >= 8


def test_killed_at_random_moments_an_import_loses_nothing(children: ForkServerContext, tmp_path: Path) -> None:
    sizes = range(100, 900, 20)
    paths = [both(FRAME.head(size), tmp_path / f"{size}.parquet") for size in sizes]
    root, rng = tmp_path / "catalog", random.Random(20)
    close, kills = FRAME["close"].to_numpy(), 0
    stored = dict.fromkeys((key.instrument for key in KEYS), 0)
    while kills < RANDOM_KILLS:
        done = sum(size <= min(stored.values()) for size in sizes)
        if done == len(sizes):
            shutil.rmtree(root)
            stored, done = dict.fromkeys(stored, 0), 0
        child = children.Process(target=work, args=(Task(root, "import", tuple(paths[done:]), NOW),))
        child.start()
        time.sleep(rng.uniform(0.0, 0.1))
        child.kill()
        child.join()
        kills += child.exitcode == -signal.SIGKILL
        for key in KEYS:
            manifest = current(root, key)
            rows = 0 if manifest is None else manifest.rows
            assert rows in {0, *sizes}
            assert rows >= stored[key.instrument], "what was stored stays"
            stored[key.instrument] = rows
        if all(stored.values()):
            panel = Catalog(root).read_panel(QUERY)
            for column, rows in enumerate(stored.values()):
                assert np.array_equal(panel.close[:rows, column], close[:rows])
                assert np.isnan(panel.close[rows:, column]).all()


def test_readers_in_threads_and_processes_see_the_old_or_the_new(children: ForkServerContext, tmp_path: Path) -> None:
    sizes = range(100, 900, 20)
    paths = [both(FRAME.head(size), tmp_path / f"{size}.parquet") for size in sizes]
    root, close = tmp_path / "catalog", FRAME["close"].to_numpy()
    bring(root, paths[0])
    failures: list[BaseException] = []
    is_over = threading.Event()

    def read(look: Callable[[], np.ndarray[tuple[int], np.dtype[np.float64]]]) -> None:
        try:
            while not is_over.is_set():
                seen = look()
                assert len(seen) in sizes
                assert np.array_equal(seen, close[: len(seen)])
        except BaseException as error:
            failures.append(error)

    one = replace(QUERY, instruments=("AUSDT",))
    readers = [
        threading.Thread(target=read, args=(lambda: Catalog(root).read_panel(one).close[:, 0],)),
        threading.Thread(target=read, args=(lambda: Catalog(root).read_panel(one).close[:, 0],)),
    ]
    for reader in readers:
        reader.start()
    code = run(children, Task(root, "import", tuple(paths), NOW))
    is_over.set()
    for reader in readers:
        reader.join()
    assert code == 0
    assert failures == []
    assert Catalog(root).read_panel(one).shape == (sizes[-1], 1)


def test_a_second_writer_is_told_who_is_writing(children: ForkServerContext, tmp_path: Path) -> None:
    path = both(FRAME, tmp_path / "bars.parquet")
    is_held, may_go = children.Event(), children.Event()
    other = children.Process(target=hold_lock, args=(tmp_path / "catalog", is_held, may_go))
    other.start()
    assert is_held.wait(30)
    with pytest.raises(
        StorageError, match=rf"is writing to .*catalog \(process {other.pid}\): wait until it has finished"
    ):
        bring(tmp_path / "catalog", path)
    other.kill()
    other.join()
    bring(tmp_path / "catalog", path)
    assert len(Catalog(tmp_path / "catalog").series()) == 2


LIMITED = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.support.killed_imports import Task, work
from geobuk.domain.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    work(Task(Path(sys.argv[3]), "import", (Path(sys.argv[4]),), int(sys.argv[5])))
except StorageError as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.parametrize("limit", [1_000, 6_000, 10_000])
def test_a_disk_that_takes_no_more_leaves_what_was_there(tmp_path: Path, limit: int) -> None:
    root = tmp_path / "catalog"
    bring(root, both(FRAME.head(600), tmp_path / "first.parquet"))
    before = state(root)
    more = both(FRAME, tmp_path / "more.parquet")
    arguments = [sys.executable, "-c", LIMITED, str(ROOT), str(limit), str(root), str(more), str(NOW)]
    result = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 7, result.stderr
    assert "what was stored before is unharmed (0 of 2 instruments were stored)" in result.stdout
    assert "limits the size of files" in result.stdout
    assert state(root) == before
    assert not list(root.rglob("*.tmp"))


NOBODY = 65_534


@contextmanager
def without_privileges() -> Iterator[None]:
    """As somebody to whom a folder can be closed: the administrator may write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    bring(tmp_path / "elsewhere", both(FRAME, tmp_path / "bars.parquet"))  # nothing is left to be loaded or compiled
    with TemporaryDirectory() as name:
        folder, root = Path(name), Path(name) / "catalog"
        path = both(FRAME, folder / "bars.parquet")
        root.mkdir()
        for each, mode in ((folder, 0o755), (path, 0o644), (root, 0o555)):
            each.chmod(mode)
        with without_privileges(), pytest.raises(StorageError, match="you may not write there"):
            bring(root, path)
        assert list(root.iterdir()) == []
