"""Adapters: one folder a venue, each behind the Venue and Feed ports."""
