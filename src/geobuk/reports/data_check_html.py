"""Writes a check of stored history as one HTML file that needs nothing else."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import jinja2

from geobuk.data.atomic import write_atomic
from geobuk.data.check import SeriesCheck
from geobuk.domain.times import at_text
from geobuk.reports.data_check_page import check_page
from geobuk.reports.data_check_texts import CHECK_CHARTS, CHECK_PAGE
from geobuk.reports.markup import encoded, inlined, page_environment
from geobuk.reports.texts import Language, pick

_SCRIPTS = ("page.js", "data_check.js")
_STYLES = ("style.css", "data_check.css")


def write_check(checks: Sequence[SeriesCheck], path: Path, title: str, at_ns: int, *, lang: Language = "en") -> Path:
    """Write the report and return its path; the file appears whole or not at all.

    Raises
    ------
    StorageError : the folder can't be written, or the disk is full.
    """
    elsewhere = f"choose another folder than {path.parent} for the report"
    write_atomic(path, render_check(checks, title, at_ns, lang=lang).encode(), elsewhere=elsewhere)
    return path


def render_check(checks: Sequence[SeriesCheck], title: str, at_ns: int, *, lang: Language = "en") -> str:
    """The whole page as text. ``lang`` is the language it opens in; both are inside. ``at_ns`` is when it was made."""
    page = check_page(checks, title)
    return _template().render(
        page=page,
        lang=lang,
        title=f"{pick(CHECK_CHARTS['page_title'], lang)} · {title}",
        made_at=at_text(at_ns),
        data=encoded(page.charts | {"title": title, "currency": "", "texts": CHECK_CHARTS}),
        style="\n".join(inlined(name) for name in _STYLES),
        library=inlined("echarts.min.js"),
        scripts=[inlined(name) for name in _SCRIPTS],
    )


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    return page_environment(CHECK_PAGE).get_template("data_check.html.jinja")
