"""Trust policies as they are stored: users and roles by unique id, not by ARN.

Whoever deletes and recreates a user or role under the same name gets another unique id, and so does
not regain what trust policies granted to the one before.
Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

import json
import re
from collections.abc import Callable
from typing import Any

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import policy_size
from masugata.errors import AwsError
from masugata.records.iam import (
    OIDC_PROVIDER,
    ROLE,
    SAML_PROVIDER,
    USER,
    OidcProvider,
    Role,
    SamlProvider,
    User,
    entity_by_arn,
    iam_arn,
    provider_arn,
)
from masugata.records.kind import Kind
from masugata.services.iam._common import quota_exceeded
from masugata.services.iam.policies import check_document

TRUST_POLICY_SIZE = 2048

_ACCOUNT = re.compile(r"[0-9]{12}")
_UNIQUE_ID = re.compile(r"(?P<id>(?:AIDA|AROA)[A-Z2-7]{17})(?::(?P<session>[\w+=,.@-]{2,64}))?", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?", re.IGNORECASE | re.ASCII)
# A service may have names under its own (`ops.apigateway`), and one in each Region.
_SERVICE = re.compile(rf"(?:{_LABEL}\.)+(?:amazonaws\.com(?:\.cn)?|aws\.internal)")
_PROVIDERS: dict[str, Kind[Any]] = {kind.name: kind for kind in (SAML_PROVIDER, OIDC_PROVIDER)}
_BEYOND_LATIN_1 = re.compile(r"[^\x00-\xff]")


def stored_trust_policy(call: Call, document: str) -> str:
    """The text under which a trust policy is stored: compact, principals as unique ids.

    Raises MalformedPolicyDocument, also for a user or role that does not exist, and LimitExceeded.
    """
    check_document(document, PolicyType.TRUST)
    if policy_size(document) > TRUST_POLICY_SIZE:
        raise quota_exceeded("ACLSizePerRole", TRUST_POLICY_SIZE)
    return _with_principals(document, lambda kind, principal: _as_stored(call, kind, principal))


def shown_trust_policy(call: Call, document: str) -> str:
    """A stored trust policy as it is shown: ids of users and roles that still exist as their ARNs."""
    return _with_principals(
        document, lambda kind, principal: _as_shown(call, principal) if kind == "AWS" else principal
    )


def _with_principals(document: str, change: Callable[[str, str], str]) -> str:
    """The policy as compact JSON in the same order of members, its principals changed.

    The grammar of trust policies, checked before, leaves no other place where they could be named.
    """
    policy = json.loads(document)
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement["Principal"]
        if not isinstance(principals, dict):
            continue  # stored before everybody had to be written as `{"AWS": "*"}`
        for kind, named in principals.items():
            several = isinstance(named, list)
            principals[kind] = [change(kind, one) for one in named] if several else change(kind, named)
    text = json.dumps(policy, ensure_ascii=False, separators=(",", ":"))
    # policies may hold only Latin-1: what the author wrote as an escape must stay one
    return _BEYOND_LATIN_1.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _as_stored(call: Call, kind: str, principal: str) -> str:
    if kind == "Service":
        return _service(principal)
    if kind == "Federated":
        return _federated(call, principal)
    if principal == "*" or _ACCOUNT.fullmatch(principal):
        return principal
    if match := _UNIQUE_ID.fullmatch(principal):
        if _owner(call, match["id"], in_session=match["session"] is not None) is None:
            raise _invalid_principal(principal)
        return principal
    try:
        arn = parse_arn(principal)
    except InvalidArnError:
        raise _invalid_principal(principal) from None
    if arn.partition != call.partition or arn.region or not _ACCOUNT.fullmatch(arn.account):
        raise _invalid_principal(principal)
    stored = principal if _is_kept(arn) else _unique_id(call, arn, principal)
    if stored is None:
        raise _invalid_principal(principal)
    return stored


def _service(principal: str) -> str:
    """The name of a service, of which only the form is known."""
    if _SERVICE.fullmatch(principal) is None:
        raise _invalid_principal(principal, "SERVICE")
    return principal


def _federated(call: Call, principal: str) -> str:
    """The domain name of an identity provider, or the ARN of one that an account has."""
    if _DOMAIN.fullmatch(principal):
        return principal
    try:
        arn = parse_arn(principal)
    except InvalidArnError:
        arn = None
    kind, _, key = ("", "", "") if arn is None else arn.resource.partition("/")
    if arn is not None and arn.service == "iam" and kind in _PROVIDERS:
        provider: OidcProvider | SamlProvider | None = call.records.get(_PROVIDERS[kind], arn.account, key)
        if provider is None or provider_arn(arn.account, provider, partition=call.partition) != principal:
            raise _invalid_principal(principal, "FEDERATED")
        return principal
    raise AwsError(
        "MalformedPolicyDocument",
        "Federated principals must be valid domain names or SAML metadata ARNs",
    )


def _is_kept(arn: Arn) -> bool:
    """Accounts need not be of this installation, and federated users have no id of their own."""
    if arn.service == "iam":
        return arn.resource == "root"
    kind, _, name = arn.resource.partition("/")
    return arn.service == "sts" and kind == "federated-user" and bool(_SESSION.fullmatch(name))


def _unique_id(call: Call, arn: Arn, principal: str) -> str | None:
    """The id of the user, role or role session with this ARN, or None if there is none."""
    kind, _, name = arn.resource.partition("/")
    if (arn.service, kind) == ("sts", "assumed-role"):
        role_name, _, session = name.partition("/")
        role = call.records.get(ROLE, arn.account, role_name.lower())
        if role is None or role.name != role_name or not _SESSION.fullmatch(session):
            return None
        return f"{role.id}:{session}"
    entity = entity_by_arn(call.records, arn.account, principal, partition=arn.partition)
    return entity.id if isinstance(entity, User | Role) else None


def _as_shown(call: Call, principal: str) -> str:
    match = _UNIQUE_ID.fullmatch(principal)
    if match is None:
        return principal
    session = match["session"]
    found = _owner(call, match["id"], in_session=session is not None)
    if found is None:
        return principal
    account, entity = found
    if session is not None:
        return f"arn:{call.partition}:sts::{account}:assumed-role/{entity.name}/{session}"
    kind = "user" if isinstance(entity, User) else "role"
    return iam_arn(account, kind, entity, partition=call.partition)


def _owner(call: Call, unique_id: str, *, in_session: bool) -> tuple[str, User | Role] | None:
    """The account and the user or role that has this id, or None; only roles have sessions."""
    if unique_id.startswith("AROA"):
        role = call.records.by_name(ROLE, "id", unique_id)
        return None if role is None else (role[0], role[2])
    user = None if in_session else call.records.by_name(USER, "id", unique_id)
    return None if user is None else (user[0], user[2])


def _invalid_principal(principal: str, kind: str = "AWS") -> AwsError:
    return AwsError("MalformedPolicyDocument", f'Invalid principal in policy: "{kind}":"{principal}"')
