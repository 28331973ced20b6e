"""The hand on the emulator: a JSON API and one page that show its state, move its time, and ask for trouble."""
