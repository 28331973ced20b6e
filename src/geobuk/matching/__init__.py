"""The physics of fills: prices inside bars, fees, spread, impact, rounding to the venue's grid. No network, no clock."""
