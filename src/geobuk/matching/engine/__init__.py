"""The matching engine: orders' lives, accounts and time, over one book an instrument."""
