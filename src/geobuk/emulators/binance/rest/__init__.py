"""REST operations by topic: plain functions of exchange, account and parameters."""
