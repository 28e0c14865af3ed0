"""What was decided about a request, and why: everything that the log, the samples and `waf explain` tell."""

from typing import Literal

import msgspec

from masugata.engines.waf.environment import TokenState

Action = Literal["ALLOW", "BLOCK", "CAPTCHA", "CHALLENGE"]
"""What ends an evaluation; COUNT never does."""


class MatchDetail(msgspec.Struct, frozen=True):
    """Evidence: what was found where. `condition` is SQL_INJECTION or XSS in AWS's log; here also others."""

    condition: str
    location: str
    matched_data: tuple[str, ...]
    sensitivity: str | None = None


class RuleMatch(msgspec.Struct, frozen=True):
    """A rule that matched: of the web ACL itself, or of the group that rule `rule` of the web ACL stands for.

    `action` is what it did, `overridden` what it would have done but for an override. `token` is what
    CAPTCHA or CHALLENGE found of the client's token: with a VALID one it goes on.
    """

    rule: str
    action: str
    group: str | None = None
    rule_in_group: str | None = None
    overridden: str | None = None
    details: tuple[MatchDetail, ...] = ()
    token: TokenState | None = None


class Response(msgspec.Struct, frozen=True):
    """What a request is answered that does not go through."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Decision(msgspec.Struct, frozen=True):
    """An action with its reasons. `terminating` is None where the default action decided.

    `inserted_headers` are for the upstream; `response` is for the client, unless the action is ALLOW.
    `labels` are full names in the order in which they were added.
    """

    action: Action
    terminating: RuleMatch | None = None
    counted: tuple[RuleMatch, ...] = ()
    labels: tuple[str, ...] = ()
    inserted_headers: tuple[tuple[str, str], ...] = ()
    response: Response | None = None
    oversize: tuple[str, ...] = ()
