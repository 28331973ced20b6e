"""A progress bar on standard error, for a person at a terminal; nothing for anybody else."""

from collections.abc import Iterator
from contextlib import contextmanager

from geobuk.cli.output import error_console
from geobuk.ops.progress import Progress


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress | None]:
    """The callback to hand down, or None where nobody looks."""
    console = error_console()
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)
