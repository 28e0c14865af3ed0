"""SAML: from the response of an identity provider to the caller that it stands for.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
"""

import binascii
import hashlib
import logging
import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from masugata.arn import InvalidArnError, parse_arn
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Federation
from masugata.identity.federation._refusals import expired_token, invalid_token
from masugata.identity.federation._xml import PROTOCOL, SAML, BadXmlError, children, need_extra, parse, value
from masugata.identity.federation.providers import role_account
from masugata.identity.federation.saml_assertion import Assertion, is_own_endpoint, read_assertion
from masugata.identity.federation.saml_keys import attribute_keys
from masugata.identity.federation.saml_signature import NotSignedError, signed_assertion
from masugata.identity.federation.session_tags import checked_source_identity, checked_tags
from masugata.records.iam import SAML_PROVIDER, SamlProvider, provider_arn
from masugata.store import Records

_log = logging.getLogger(__name__)

LONGEST_ASSERTION = 100_000
_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_TAG = _ATTRIBUTES + "PrincipalTag:"
_SESSION_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}", re.ASCII)
_SECONDS = range(900, 43_201)
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


def saml(
    response: str,
    principal_arn: str,
    role_arn: str,
    own: Collection[str],
    records: Records,
    now: datetime,
) -> Caller:
    """Whom a response (Base64) stands for, before the account of the role.

    `own` are further names of this service as audience and recipient. Raises InvalidIdentityToken,
    ExpiredTokenException, and an error of status 501 where the extra is missing.
    """
    need_extra()
    account, partition, provider = _provider(principal_arn, role_arn, records)
    if provider.valid_until is not None and now >= provider.valid_until:
        raise expired_token("The metadata of the specified provider has expired.")
    try:
        assertion = _verified(response, provider, own, now)
    except NotSignedError as error:
        _log.info("a response for %s is refused: %s", principal_arn, error)
        raise invalid_token("Response signature invalid") from error
    except BadXmlError as error:
        raise invalid_token(f"The SAML response is not valid: {error}") from error
    return _caller(assertion, account, partition, provider)


def name_qualifier(issuer: str, account: str, provider: str) -> str:
    """What tells subjects of different providers apart, in AWS's way."""
    text = f"{issuer}{account}/{provider}".encode()
    return b64encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode()


def _provider(principal_arn: str, role_arn: str, records: Records) -> tuple[str, str, SamlProvider]:
    """The provider; it must be of the account that the role is in."""
    found = role_account(role_arn, records)
    try:
        arn = parse_arn(principal_arn)
    except InvalidArnError:
        raise AwsError("ValidationError", "Invalid ARN: PrincipalArn") from None
    kind, _, name = arn.resource.partition("/")
    provider = None
    if found is not None and kind == "saml-provider":
        provider = records.get(SAML_PROVIDER, found[0], name)
    if (
        found is None
        or provider is None
        or principal_arn != provider_arn(found[0], provider, partition=found[1])
    ):
        raise invalid_token("Specified provider doesn't exist.")
    return *found, provider


def _verified(response: str, provider: SamlProvider, own: Collection[str], now: datetime) -> Assertion:
    """The assertion that one of the provider's certificates signed; raises as its steps do."""
    if len(response) > LONGEST_ASSERTION:
        raise BadXmlError(f"it has more than {LONGEST_ASSERTION} characters")
    try:
        root = parse(b64decode("".join(response.split()), validate=True).decode())
    except (binascii.Error, UnicodeError) as error:
        raise BadXmlError("it is not Base64 of UTF-8") from error
    signed = signed_assertion(root, provider.certificates)
    _check_response(root, provider, own)
    assertion = read_assertion(signed, now, own)
    if assertion.issuer != provider.issuer:
        raise invalid_token("Issuer not present in specified provider")
    return assertion


def _check_response(root: Any, provider: SamlProvider, own: Collection[str]) -> None:
    """What the response around the assertion says must not speak against it; it may be unsigned."""
    codes = [
        code.get("Value") for item in children(root, PROTOCOL, "Status") for code in item.iterchildren("*")
    ]
    if root.get("Version") != "2.0" or _SUCCESS not in codes[:1]:
        raise BadXmlError("it is not a successful response of SAML 2.0")
    if root.get("InResponseTo") is not None:
        raise BadXmlError("it answers a request, and none was made")
    if (destination := root.get("Destination")) and not is_own_endpoint(destination, own):
        raise invalid_token("Response does not contain the required recipient.")
    if any(value(issuer).strip() != provider.issuer for issuer in children(root, SAML, "Issuer")):
        raise invalid_token("Issuer not present in specified provider")


def _caller(assertion: Assertion, account: str, partition: str, provider: SamlProvider) -> Caller:
    arn = provider_arn(account, provider, partition=partition)
    given = assertion.attributes
    qualifier = name_qualifier(assertion.issuer, account, provider.name)
    session_keys: dict[str, str | list[str]] = {
        "saml:namequalifier": qualifier,
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
    }
    tags, transitive = checked_tags(
        [(name.removeprefix(_TAG), values) for name, values in given.items() if name.startswith(_TAG)],
        given.get(_ATTRIBUTES + "TransitiveTagKeys", []),
    )
    source_identity = _single(given, "SourceIdentity")
    federation = Federation(
        provider=arn,
        record=provider,
        issuer=assertion.issuer,
        audience=assertion.recipient,
        subject=assertion.subject,
        keys={
            **attribute_keys(given),
            **session_keys,
            "saml:aud": assertion.recipient,
            "saml:iss": assertion.issuer,
            "saml:doc": f"{account}/{provider.name}",
        },
        session_keys=session_keys,
        tags=tags,
        transitive_tag_keys=transitive,
        source_identity=None if source_identity is None else checked_source_identity(source_identity),
        name=_session_name(given),
        seconds=_session_seconds(given),
        until=None if assertion.until is None else int(assertion.until.timestamp()),
        name_qualifier=qualifier,
        subject_type=assertion.subject_type,
        roles=_roles(given, arn),
    )
    return Caller(
        kind=CallerKind.SAML,
        account=account,
        partition=partition,
        arn=arn,
        user_id=f"{qualifier}:{assertion.subject}",
        access_key_id="",
        federation=federation,
    )


def _single(given: Mapping[str, list[str]], name: str) -> str | None:
    values = given.get(_ATTRIBUTES + name)
    if values is not None and len(values) != 1:
        raise invalid_token(f"The attribute {_ATTRIBUTES}{name} must have one value.")
    return values[0] if values else None


def _session_name(given: Mapping[str, list[str]]) -> str:
    name = _single(given, "RoleSessionName")
    if not name:
        raise invalid_token("RoleSessionName is required in AuthnResponse")
    if _SESSION_NAME.fullmatch(name) is None:
        raise invalid_token("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return name


def _session_seconds(given: Mapping[str, list[str]]) -> int | None:
    text = _single(given, "SessionDuration")
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) is None or int(text) not in _SECONDS:
        raise invalid_token("SessionDuration in AuthnResponse must be 900 to 43200.")
    return int(text)


def _roles(given: Mapping[str, list[str]], provider: str) -> tuple[str, ...]:
    """The roles that the assertion offers by this provider; each value names both, in either order."""
    found = []
    for pair in given.get(_ATTRIBUTES + "Role", []):
        names = [name.strip() for name in pair.split(",")]
        if len(names) == 2 and provider in names:
            found.append(names[1 - names.index(provider)])
    return tuple(found)
