"""What every statement is compiled to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail

if TYPE_CHECKING:
    from masugata.engines.waf.statements._lookup import Trigger

Details = tuple[MatchDetail, ...]


def no_details(_: Context) -> Details:
    """Nothing to show."""
    return ()


def nothing_located(_: Context) -> None:
    """No labels of places."""


class Matcher(msgspec.Struct, frozen=True):
    """A statement, ready to be asked.

    `matches` is None where the statement does not apply: neither it nor its negation matches. `triggers`: it
    cannot match unless one of these fired; None, if it may at any time. `details` says what was found, once
    it matched. `locate` adds the labels that the statement adds whether it matches or not.
    """

    matches: Callable[[Context], bool | None]
    triggers: "frozenset[Trigger] | None" = None
    details: Callable[[Context], Details] = no_details
    locate: Callable[[Context], None] = nothing_located
