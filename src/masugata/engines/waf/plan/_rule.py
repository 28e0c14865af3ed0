"""Rules in the order in which they are asked; those of groups stand among the others."""

from collections.abc import Callable

import msgspec

from masugata.engines.waf.context import Context
from masugata.engines.waf.plan._actions import Act
from masugata.engines.waf.statements import Details, Matcher, Trigger, nothing_located


class Group:
    """A rule group as one rule of the web ACL: its rules end before `end`.

    `counts`: what it would end is only counted.
    """

    __slots__ = ("counts", "end", "name")

    def __init__(self, name: str, *, counts: bool) -> None:
        """`end` is known when all its rules are."""
        self.name = name
        self.counts = counts
        self.end = 0


class CompiledRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the web ACL, or of a group of it. `shown` is what the log calls its action.

    Without an action it is the scope-down statement of its group: unless it matches, the group is skipped.
    `plain`: nothing happens if it does not match.
    """

    name: str
    matches: Callable[[Context], bool | None]
    plain: bool
    triggers: frozenset[Trigger] | None
    details: Callable[[Context], Details]
    locate: Callable[[Context], None]
    act: Act | None
    shown: str = ""
    overridden: str | None = None
    labels: tuple[str, ...] = ()
    group: Group | None = None
    name_in_group: str | None = None

    @classmethod
    def of(
        cls,
        name: str,
        matcher: Matcher,
        act: Act | None,
        shown: str = "",
        *,
        overridden: str | None = None,
        labels: tuple[str, ...] = (),
        group: Group | None = None,
        name_in_group: str | None = None,
    ) -> "CompiledRule":
        """With what its statement is asked; what adds labels or skips rules is asked of every request."""
        plain = act is not None and matcher.locate is nothing_located
        return cls(
            name=name,
            matches=matcher.matches,
            plain=plain,
            triggers=matcher.triggers if plain else None,
            details=matcher.details,
            locate=matcher.locate,
            act=act,
            shown=shown,
            overridden=overridden,
            labels=labels,
            group=group,
            name_in_group=name_in_group,
        )
