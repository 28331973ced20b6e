"""Recordings of a venue as markets: what its wire said becomes rows that an engine plays."""
