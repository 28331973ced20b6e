"""The decision path from forecast to target: sizing, limits, margin, exits, loss locks. Risk can only reduce.

Pure compiled functions over one row of instruments: the simulation calls them in its loop, a trader for one moment.
"""
