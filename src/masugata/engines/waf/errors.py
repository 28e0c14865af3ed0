"""Why rules cannot be compiled."""

from masugata.errors import MasugataError


class RulesetError(MasugataError):
    """A rule that cannot be done as it says; `where` is the path to it, such as `shop/BlockBots`."""

    def __init__(self, where: str, problem: str) -> None:
        """The problem in words, with the offending input in backticks."""
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class InvalidPatternError(MasugataError):
    """A regular expression that no engine here takes; `pattern` is it."""

    def __init__(self, pattern: bytes, problem: str) -> None:
        """The problem as the engine words it."""
        super().__init__(f"the regular expression `{pattern.decode(errors='backslashreplace')}`: {problem}")
        self.pattern = pattern
        self.problem = problem


class NoEngineError(MasugataError):
    """Neither hyperscan nor google-re2 is installed, or Python's own `re` cannot be relied on."""
