"""Where history is fetched from: a venue's public archive and its REST interface. Nothing here trades or signs."""
