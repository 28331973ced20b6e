"""The margin account: positions, wallets, margins, funding, and a ledger that balances to the last digit."""
