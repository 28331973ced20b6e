"""Writes a backtest as one HTML file that needs nothing else: styles, scripts and numbers are inside."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from geobuk.data.atomic import write_atomic
from geobuk.domain.times import NS_PER_SECOND, at_text
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.charts import chart_data
from geobuk.reports.formats import duration, money, number, percent
from geobuk.reports.markup import encoded, inlined, page_environment
from geobuk.reports.page import Page, finding_words, in_currency, page_of, tone
from geobuk.reports.texts import CHARTS, MONTHS, PAGE, Language, Text, filled, pick
from geobuk.risk.words import REASON_WORDS

_SCRIPTS = ("page.js", "charts.js", "prices.js")


def write_html(report: BacktestReport, path: Path, *, lang: Language = "en") -> Path:
    """Write the report and return its path; the file appears whole or not at all.

    Raises
    ------
    StorageError : the folder can't be written, or the disk is full.
    """
    elsewhere = f"choose another folder than {path.parent} for the report"
    write_atomic(path, render_html(report, lang=lang).encode(), elsewhere=elsewhere)
    return path


def render_html(report: BacktestReport, *, lang: Language = "en") -> str:
    """The whole page as text. ``lang`` is the language it opens in; both are inside."""
    page = page_of(report)
    charts = chart_data(report, page.figures)
    reasons = {str(int(reason)): words.text for reason, words in REASON_WORDS.items()}
    data = charts | {"title": page.title, "currency": report.currency, "texts": CHARTS, "reasons": reasons}
    return _template().render(
        page=page,
        report=report,
        result=report.result,
        panel=report.result.panel,
        lang=lang,
        title=f"{pick(CHARTS['page_title'], lang)} · {page.title}",
        hints=_hints(charts, page),
        prices=charts["prices"],
        has_sharpe=charts["sharpe"] is not None,
        most_traded=max(
            range(len(charts["prices"]["instruments"])), key=lambda n: charts["prices"]["instruments"][n]["all"]
        ),
        columns=(page.groups[:2], page.groups[2:3], page.groups[3:4], page.groups[4:]),
        data=encoded(data),
        style=inlined("style.css"),
        library=inlined("echarts.min.js"),
        scripts=[inlined(name) for name in _SCRIPTS],
    )


def _hints(charts: dict[str, Any], page: Page) -> dict[str, Text]:
    """Sentences above charts that carry a number."""
    rolled, step = charts["sharpe"], charts["prices"]["step"]
    sharpe = filled(PAGE["sharpe_hint"], window=rolled["window"], **page.words) if rolled else PAGE["sharpe_short"]
    return {"sharpe": sharpe, "prices": filled(PAGE["prices_hint"], candle=duration(step * NS_PER_SECOND))}


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = page_environment(PAGE)
    environment.globals.update(month_names=MONTHS, in_currency=in_currency, tone=tone, finding_words=finding_words)
    environment.filters.update(number=number, percent=percent, money=money, at=at_text, duration=duration)
    return environment.get_template("page.html.jinja")
