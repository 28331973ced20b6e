"""Lines of keys: tables, dotted and quoted keys, values over several lines."""

from geobuk.app.toml_lines import key_lines, line_of

TEXT = '''# a comment
top = 1
[a.b]          # [not.this]
"quoted key" = "x = 1"
text = """
y = 2
[c]
"""
list = [
  1,
  2,
]
inline = { p = 1, q = 2 }
[[many]]
z = 3
'''


def test_every_key_and_table_has_its_line() -> None:
    assert key_lines(TEXT) == {
        ("top",): 2,
        ("a", "b"): 3,
        ("a", "b", "quoted key"): 4,
        ("a", "b", "text"): 5,
        ("a", "b", "list"): 9,
        ("a", "b", "inline"): 13,
        ("many",): 14,
        ("many", "z"): 15,
    }


def test_a_key_in_an_inline_table_is_on_the_tables_line() -> None:
    assert line_of(key_lines(TEXT), ("a", "b", "inline", "q")) == 13


def test_an_unknown_key_has_no_line() -> None:
    assert line_of({}, ("x",)) is None
