"""Where an engine's market comes from: recordings, bars, or a generator."""
