"""What is done with a request that a rule matches, made ready."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from masugata.engines.waf.decision import Response
from masugata.engines.waf.definitions import (
    BlockAction,
    CustomResponseBody,
    DefaultAction,
    GoOn,
    Immunity,
    OverrideAction,
    Rule,
    RuleAction,
    WebACL,
)
from masugata.engines.waf.errors import RulesetError

Kind = Literal["ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE"]
Headers = tuple[tuple[str, str], ...]
Bodies = Mapping[str, CustomResponseBody]

PREFIX = "x-amzn-waf-"
IMMUNITY = 300
"""Seconds for which a token counts, unless rule or web ACL say otherwise."""
CONTENT_TYPES = {
    "TEXT_PLAIN": "text/plain",
    "TEXT_HTML": "text/html",
    "APPLICATION_JSON": "application/json",
}
TOKEN_RESPONSES = {
    "CHALLENGE": Response(202, (("x-amzn-waf-action", "challenge"),)),
    "CAPTCHA": Response(405, (("x-amzn-waf-action", "captcha"),)),
}
"""Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-actions.html"""


class Act(msgspec.Struct, frozen=True):
    """An action: headers for the upstream, the answer for the client, seconds that a token counts."""

    kind: Kind
    inserted: Headers = ()
    response: Response | None = None
    immunity: int = IMMUNITY


class Immunities(msgspec.Struct, frozen=True):
    """Seconds for which a solved CAPTCHA or challenge counts."""

    captcha: int = IMMUNITY
    challenge: int = IMMUNITY


def immunities(of: WebACL | Rule, otherwise: Immunities) -> Immunities:
    """A rule's, where it says so."""
    return Immunities(
        _seconds(of.captcha_config, otherwise.captcha), _seconds(of.challenge_config, otherwise.challenge)
    )


def _seconds(config: Immunity | None, otherwise: int) -> int:
    found = config.immunity_time_property if config is not None else None
    return found.immunity_time if found is not None else otherwise


def compile_action(
    action: RuleAction | DefaultAction | OverrideAction, bodies: Bodies, immunity: Immunities, where: str
) -> Act:
    """Exactly one action, or RulesetError."""
    found = [(n, v) for n in action.__struct_fields__ if (v := getattr(action, n)) is not None]
    if len(found) != 1:
        raise RulesetError(where, f"an action must be exactly one of the actions, not {len(found)}")
    ((name, said),) = found
    if isinstance(said, BlockAction):
        return Act("BLOCK", response=_response(said, bodies, where))
    inserted = _inserted(said) if isinstance(said, GoOn) else ()
    match name:
        case "allow":
            return Act("ALLOW", inserted)
        case "captcha":
            return Act("CAPTCHA", inserted, TOKEN_RESPONSES["CAPTCHA"], immunity.captcha)
        case "challenge":
            return Act("CHALLENGE", inserted, TOKEN_RESPONSES["CHALLENGE"], immunity.challenge)
        case _:
            return Act("COUNT", inserted)


def _inserted(said: GoOn) -> Headers:
    handling = said.custom_request_handling
    if handling is None:
        return ()
    return tuple((PREFIX + header.name.lower(), header.value) for header in handling.insert_headers)


def _response(block: BlockAction, bodies: Bodies, where: str) -> Response:
    custom = block.custom_response
    if custom is None:
        return Response(403)
    headers = tuple((header.name, header.value) for header in custom.response_headers)
    key = custom.custom_response_body_key
    if key is None:
        return Response(custom.response_code, headers)
    body = bodies.get(key)
    if body is None:
        raise RulesetError(where, f"there is no custom response body `{key}`")
    content_type = ("content-type", CONTENT_TYPES[body.content_type])
    return Response(custom.response_code, (*headers, content_type), body.content.encode())
