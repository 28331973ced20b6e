"""Beliefs: what each strategy forecasts from a panel of history. Knows features; must not know orders or money."""
