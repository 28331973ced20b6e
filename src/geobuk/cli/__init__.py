"""The `geobuk` command: words in, words out. Composes nothing itself; heavy libraries load inside the commands."""
