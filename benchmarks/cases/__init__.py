"""The cases, in the order of the table. Each module has ``run(bench) -> list[Figure]`` and measures one thing."""
