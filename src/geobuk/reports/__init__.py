"""What a person or a machine reads of a result: HTML report, terminal summary, JSON. Computes no result of its own."""
