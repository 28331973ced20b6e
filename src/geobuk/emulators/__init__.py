"""Local servers that speak the venues' wire protocols. They never import the adapters they judge."""
