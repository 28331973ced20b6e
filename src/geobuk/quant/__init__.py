"""Mathematics: arrays in, arrays or frozen values out.

Knows units of time, array types and how kernels are compiled, and no room of the house.
"""
