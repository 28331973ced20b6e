"""Writes a backtest as one HTML file that needs nothing else: styles, scripts and numbers are inside."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup, escape

from geobuk.data.atomic import write_atomic
from geobuk.domain.times import NS_PER_SECOND, at_text
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.charts import chart_data
from geobuk.reports.formats import duration, money, number, percent
from geobuk.reports.page import Page, finding_words, in_currency, page_of, tone
from geobuk.reports.reasons import REASON_WORDS
from geobuk.reports.texts import CHARTS, LANGUAGES, MONTHS, PAGE, Language, Text, filled, pick

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
        style=_inline("style.css"),
        library=_inline("echarts.min.js"),
        scripts=[_inline(name) for name in _SCRIPTS],
    )


def encoded(value: object) -> str:
    """JSON that is safe inside a script element: no ``<`` is left, so no tag and no comment can begin or end in it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def _hints(charts: dict[str, Any], page: Page) -> dict[str, Text]:
    """Sentences above charts that carry a number."""
    rolled, step = charts["sharpe"], charts["prices"]["step"]
    sharpe = filled(PAGE["sharpe_hint"], window=rolled["window"], **page.words) if rolled else PAGE["sharpe_short"]
    return {"sharpe": sharpe, "prices": filled(PAGE["prices_hint"], candle=duration(step * NS_PER_SECOND))}


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("geobuk.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=_both, words=PAGE, month_names=MONTHS, in_currency=in_currency, tone=tone)
    environment.globals.update(finding_words=finding_words)
    environment.filters.update(number=number, percent=percent, money=money, at=at_text, duration=duration)
    return environment.get_template("page.html.jinja")


def _both(text: str | Text, **values: object) -> Markup:
    """A text in both languages; the page's style shows the one that is chosen."""
    pair = PAGE[text] if isinstance(text, str) else text
    pair = filled(pair, **values) if values else pair
    if pair[0] == pair[1]:
        return escape(pair[0])
    spans = (Markup('<span lang="{}">{}</span>').format(lang, part) for lang, part in zip(LANGUAGES, pair, strict=True))
    return Markup("").join(spans)


@lru_cache(maxsize=8)
def _inline(name: str) -> str:
    """One of our own files, as it is: it must not hold the end of its element."""
    text = files("geobuk.reports").joinpath("assets", name).read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        raise ValueError(f"{name} would end the element that holds it")
    return text
