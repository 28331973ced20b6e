"""Whether a result may be believed: checks and experiments on strategies. Places no orders."""
