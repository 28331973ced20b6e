"""Faults on request and by schedule: what they are, when they strike, and what they do."""
