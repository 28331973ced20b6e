"""How far a long piece of work is, as whoever waits for it is told. Knows no terminal."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done, and of how much; 0 of 0 where that is not known."""
