"""What every HTML report shares: its own files inlined, texts in both languages, data that is safe in a page."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import jinja2
import msgspec
from markupsafe import Markup, escape

from geobuk.reports.texts import LANGUAGES, Text, filled


def encoded(value: object) -> str:
    """JSON that is safe inside a script element: no ``<`` is left, so no tag and no comment can begin or end in it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def page_environment(words: Mapping[str, Text]) -> jinja2.Environment:
    """An environment whose templates say ``t("code")``: a text of ``words`` in both languages."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("geobuk.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def both(text: str | Text, **values: object) -> Markup:
        pair = words[text] if isinstance(text, str) else text
        return in_both(filled(pair, **values) if values else pair)

    environment.globals.update(t=both, words=words)
    return environment


def in_both(pair: Text) -> Markup:
    """A text in both languages; the page's style shows the one that is chosen."""
    if pair[0] == pair[1]:
        return escape(pair[0])
    spans = (Markup('<span lang="{}">{}</span>').format(lang, part) for lang, part in zip(LANGUAGES, pair, strict=True))
    return Markup("").join(spans)


@lru_cache(maxsize=12)
def inlined(name: str) -> str:
    """One of our own files, as it is: it must not hold the end of its element."""
    text = files("geobuk.reports").joinpath("assets", name).read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        raise ValueError(f"{name} would end the element that holds it")
    return text
