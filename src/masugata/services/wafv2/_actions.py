"""Checks of what rules do: actions, custom responses and inserted headers, immunity times."""

from collections.abc import Mapping

import msgspec

from masugata.call import Call
from masugata.engines.waf.definitions import (
    BlockAction,
    CustomHTTPHeader,
    CustomResponseBody,
    DefaultAction,
    GoOn,
    Immunity,
    OverrideAction,
    RuleAction,
)
from masugata.engines.waf.token_domains import check_token_domain
from masugata.services.wafv2._checks import check_count, check_distinct, check_one
from masugata.services.wafv2._errors import BELOW_MINIMUM, invalid

Bodies = Mapping[str, CustomResponseBody]
_LEAST_CHALLENGE = 300
_FORBIDDEN = frozenset({"content-type", "content-length", "connection", "transfer-encoding"})


def check_action(
    call: Call,
    action: RuleAction | OverrideAction | DefaultAction,
    bodies: Bodies,
    field: str,
    parameter: str,
) -> str:
    """The name of the one action; raises WAFInvalidParameterException and WAFLimitsExceededException."""
    name = check_one(action, field, parameter)
    for member in action.__struct_fields__:
        found = getattr(action, member)
        if isinstance(found, BlockAction) and found.custom_response is not None:
            response = found.custom_response
            _check_headers(call, response.response_headers, "CUSTOM_RESPONSE")
            for header in response.response_headers:
                if header.name.lower() in _FORBIDDEN:
                    reason = "This header of a response is not yours to set."
                    raise invalid("CUSTOM_RESPONSE", header.name, reason)
            key = response.custom_response_body_key
            if key is not None and key not in bodies:
                raise invalid("CUSTOM_RESPONSE_BODY", key, "There is no custom response body with this key.")
        elif isinstance(found, GoOn) and found.custom_request_handling is not None:
            _check_headers(call, found.custom_request_handling.insert_headers, "CUSTOM_REQUEST_HANDLING")
    return name


def _check_headers(call: Call, headers: tuple[CustomHTTPHeader, ...], field: str) -> None:
    check_count(call, "wafv2.custom-headers-per-action", len(headers))
    names = (header.name.lower() for header in headers)
    check_distinct(names, field, "Name", "The header {} is there twice.")
    for header in headers:
        if not header.value.isprintable():
            raise invalid(field, header.name, "The value of a header is printable text.")


def read_bodies(call: Call, given: Mapping[str, object] | None) -> dict[str, CustomResponseBody]:
    """The custom response bodies of a request; raises WAFLimitsExceededException."""
    bodies = msgspec.convert(given or {}, dict[str, CustomResponseBody])
    check_count(call, "wafv2.custom-response-bodies", len(bodies))
    sizes = [len(body.content.encode()) for body in bodies.values()]
    for size in sizes:
        check_count(call, "wafv2.custom-response-body-size", size)
    check_count(call, "wafv2.custom-response-bodies-size", sum(sizes))
    return bodies


def check_immunity(captcha: Immunity | None, challenge: Immunity | None) -> None:
    """Raise WAFInvalidParameterException for a challenge that is forgotten sooner than AWS lets it be.

    The other bounds are in AWS's model.
    """
    del captcha
    found = None if challenge is None else challenge.immunity_time_property
    if found is not None and found.immunity_time < _LEAST_CHALLENGE:
        raise invalid("CHALLENGE_CONFIG", str(found.immunity_time), BELOW_MINIMUM)


def check_token_domains(call: Call, domains: tuple[str, ...], name: str = "wafv2.token-domains") -> None:
    """Raise WAFLimitsExceededException and WAFInvalidParameterException."""
    check_count(call, name, len(domains), "TOKEN_DOMAIN")
    for domain in domains:
        if not _is_token_domain(domain):
            reason = "A token domain is the name of a host, such as example.com, and no public suffix."
            raise invalid("TOKEN_DOMAIN", domain, reason)


def _is_token_domain(text: str) -> bool:
    """As an edge will have it, which would otherwise take no plan of the web ACL."""
    try:
        return check_token_domain(text) == text.lower()
    except ValueError:
        return False
