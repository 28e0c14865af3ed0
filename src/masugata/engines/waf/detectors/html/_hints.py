HINTS: tuple[str, ...] = ("<",)
