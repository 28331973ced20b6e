"""The page of the matching engine shows what happens."""

from tests.support.pages import examples_of, printed_by


def test_the_example_prints_what_the_page_shows() -> None:
    ((code, shown),) = examples_of("matching.md")
    assert printed_by(code, "matching.md", {}) == shown
