"""What a verified SAML assertion says, and whether it is meant for this place and this time.

Sources: SAML 2.0 Core, section 2; SAML 2.0 Profiles, section 4.1.4.3;
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
"""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec

from masugata.identity.federation._refusals import expired_token, invalid_token
from masugata.identity.federation._xml import SAML, BadXmlError, children, moment, only_child, value

SKEW = timedelta(seconds=60)
"""How far a provider's clock may be ahead of ours."""
REDEEMED_WITHIN = timedelta(minutes=5)
AUDIENCES = frozenset({"https://signin.aws.amazon.com/saml", "urn:amazon:webservices"})
_SIGN_IN = re.compile(
    r"https://(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)/saml"
)
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_KNOWN_CONDITIONS = frozenset({f"{{{SAML}}}AudienceRestriction", f"{{{SAML}}}ProxyRestriction"})
_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_LONGEST_NAME = 1024


class Assertion(msgspec.Struct, frozen=True):
    """An assertion that is meant for us, now. `until` ends the session; attributes are by name."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    until: datetime | None
    attributes: dict[str, list[str]]


def read_assertion(assertion: Any, now: datetime, own: Collection[str]) -> Assertion:
    """What `assertion`, verified before, says; `own` are further names of this service, beside AWS's.

    Raises `BadXmlError`, InvalidIdentityToken and ExpiredTokenException.
    """
    if assertion.get("Version") != "2.0":
        raise BadXmlError("it is not of SAML 2.0")
    issued = moment(assertion.get("IssueInstant", ""))
    if now - issued > REDEEMED_WITHIN:
        raise expired_token("Token must be redeemed within 5 minutes of issuance")
    _check_window(issued, None, now)
    _check_conditions(only_child(assertion, SAML, "Conditions"), now, own)
    subject = only_child(assertion, SAML, "Subject")
    name = only_child(subject, SAML, "NameID")
    if not 1 <= len(value(name)) <= _LONGEST_NAME or not value(name).isprintable():
        raise BadXmlError("its NameID is empty or too long")
    return Assertion(
        issuer=value(only_child(assertion, SAML, "Issuer")).strip(),
        subject=value(name),
        subject_type=name.get("Format", "").removeprefix(_NAME_FORMAT),
        recipient=_recipient(subject, now, own),
        until=_session_end(assertion),
        attributes=_attributes(assertion),
    )


def is_own_endpoint(url: str, own: Collection[str]) -> bool:
    """Whether an address is one that assertions for this service are sent to."""
    return url in own or _SIGN_IN.fullmatch(url) is not None


def _check_window(begins: datetime | None, ends: datetime | None, now: datetime) -> None:
    if begins is not None and begins > now + SKEW:
        raise invalid_token("The assertion is not valid yet.")
    if ends is not None and now >= ends:
        raise expired_token("The assertion has expired.")


def _time(element: Any, name: str) -> datetime | None:
    text = element.get(name)
    return None if text is None else moment(text)


def _check_conditions(conditions: Any, now: datetime, own: Collection[str]) -> None:
    """All conditions must hold; one that is not known cannot."""
    _check_window(_time(conditions, "NotBefore"), _time(conditions, "NotOnOrAfter"), now)
    for condition in conditions.iterchildren("*"):
        if condition.tag not in _KNOWN_CONDITIONS:
            raise BadXmlError(f"its condition {condition.tag} is not supported")
    restrictions = children(conditions, SAML, "AudienceRestriction")
    for restriction in restrictions:
        named = {value(item).strip() for item in children(restriction, SAML, "Audience")}
        if not any(name in AUDIENCES or is_own_endpoint(name, own) for name in named):
            raise invalid_token("Response does not contain the required audience.")
    if not restrictions:
        raise invalid_token("Response does not contain the required audience.")


def _recipient(subject: Any, now: datetime, own: Collection[str]) -> str:
    """To which endpoint the bearer may bring the assertion."""
    confirmation = only_child(subject, SAML, "SubjectConfirmation")
    if confirmation.get("Method") != _BEARER:
        raise BadXmlError("its subject is not confirmed as bearer")
    data = only_child(confirmation, SAML, "SubjectConfirmationData")
    recipient, ends = data.get("Recipient", ""), _time(data, "NotOnOrAfter")
    if ends is None or not recipient:
        raise BadXmlError("its SubjectConfirmationData has no Recipient, or no NotOnOrAfter")
    if data.get("InResponseTo") is not None:
        raise BadXmlError("it answers a request, and none was made")
    if not is_own_endpoint(recipient, own):
        raise invalid_token("Response does not contain the required recipient.")
    _check_window(_time(data, "NotBefore"), ends, now)
    return str(recipient)


def _session_end(assertion: Any) -> datetime | None:
    ends = [_time(item, "SessionNotOnOrAfter") for item in children(assertion, SAML, "AuthnStatement")]
    return min((end for end in ends if end is not None), default=None)


def _attributes(assertion: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in children(assertion, SAML, "AttributeStatement"):
        for attribute in children(statement, SAML, "Attribute"):
            values = [value(item) for item in children(attribute, SAML, "AttributeValue")]
            if attribute.get("Name", "") in found:
                raise BadXmlError(f"it has the attribute {attribute.get('Name')} twice")
            found[attribute.get("Name", "")] = values
    return found
