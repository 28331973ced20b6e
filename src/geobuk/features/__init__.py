"""Inputs of strategies, causal by construction: row t of every output uses rows up to t only.

Knows panels and arrays; must not know strategies, orders or money.
"""
