"""Gear 1: one compiled loop over a panel of bars, and its results. No network, no store, no clock."""
