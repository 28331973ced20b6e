"""The compiled part of the generated market: a price that moves, a book that follows it, trades that eat the book."""
