"""The physics of fills: prices inside bars, fees, spread, impact, the venue's grid. Knows no network and no clock."""
