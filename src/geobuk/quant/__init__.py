"""Mathematics: arrays in, arrays or frozen values out. Knows no room of the house but the domain's units of time."""
