"""What every room may use: compiled kernels and their cache, the wall clock, progress; and the doctor's checks.

Knows no room.
"""
