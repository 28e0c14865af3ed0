"""The Action and NotAction elements.

Names are compared without case; `*` and `?` stand for characters of the name, never of the service
prefix; `*` alone is every action. An entry that is none of these is unreadable: it lets no Allow match
and keeps no Deny from matching.
"""

import re
from collections.abc import Callable, Sequence

from masugata.engines.common import compile_glob, tokenize

_READABLE = re.compile(r"[a-z0-9.\-]+:[^\s,:]+")


class Actions:
    """A compiled Action or NotAction element; `problem` names what could not be read."""

    __slots__ = ("_globs", "_patterns", "_prefixes", "everything", "exact", "negated", "problem", "services")

    def __init__(self, values: Sequence[str], *, negated: bool, allow: bool) -> None:
        self.negated = negated
        self.everything = False
        self.problem: str | None = None
        exact, prefixes, patterns = [], [], []
        for value in values:
            name = value.lower()
            if name == "*":
                self.everything = True
            elif not _READABLE.fullmatch(name):
                self.problem = f"unreadable action `{value}`"
            elif "*" not in name and "?" not in name:
                exact.append(name)
            elif name.find("*") == len(name) - 1 and "?" not in name:
                prefixes.append(name[:-1])
            else:
                patterns.append(name)
        if self.problem and negated == allow:
            self.everything = True
        self.exact = frozenset(exact)
        self._prefixes = tuple(prefixes)
        self._patterns = tuple(patterns)
        self._globs: tuple[Callable[[str], bool], ...] | None = None
        # The services whose actions a wildcard may reach: what the index needs to know.
        self.services = frozenset(name.partition(":")[0] for name in (*prefixes, *patterns))

    def matches(self, action: str) -> bool:
        """Whether the element covers `action`, which is in lower case."""
        return self._listed(action) != self.negated

    def _listed(self, action: str) -> bool:
        if self.everything or action in self.exact or action.startswith(self._prefixes):
            return True
        if not self._patterns:
            return False
        if self._globs is None:
            self._globs = tuple(compile_glob(tokenize(pattern)) for pattern in self._patterns)
        return any(matches(action) for matches in self._globs)
