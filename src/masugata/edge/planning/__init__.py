"""How plans come to an edge's workers: a process finds and compiles them, and publishes them as files."""
