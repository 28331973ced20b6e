"""What things are: instruments, bars, orders, fills, positions, accounts, errors. Standard library only."""
