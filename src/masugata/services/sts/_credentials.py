"""What every operation that issues temporary credentials shares."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from masugata.authorization import managed_policies
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind, Session
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.identity.session_tokens import TOKEN_LIMIT, seal_session
from masugata.records.iam import customer_managed_policy

if TYPE_CHECKING:
    from masugata_types.sts import Credentials

SESSION_POLICIES_SIZE = 2048
"""Characters that an inline session policy and the ARNs of managed ones may have together."""

_PACKED_LIMIT = 2048
"""Bytes that session policies and tags may take when packed; 100 % of PackedPolicySize."""


def issue(
    call: Call,
    *,
    kind: CallerKind,
    account: str,
    issuer_id: str,
    seconds: int,
    name: str = "",
    minimum_size: int = 0,
    **carried: Any,
) -> tuple[Session, "Credentials"]:
    """New temporary credentials of `account` for `seconds`, and the session they stand for.

    The session token has at least `minimum_size` bytes. They are issued now, unless `carried`
    has another time, of something that was granted earlier and that they follow from.
    """
    now = int(call.now.timestamp())
    session = Session(
        kind=kind,
        account=account,
        access_key_id=access_key_id("ASIA", account, call.random),
        secret=secret_access_key(call.random),
        issuer_id=issuer_id,
        name=name,
        expires=now + seconds,
        **{"issued": now, **carried},
    )
    return session, {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret,
        "SessionToken": seal_session(session, call.keeper, minimum_size),
        "Expiration": datetime.fromtimestamp(session.expires, UTC),
    }


def session_token_size(credentials: "Credentials") -> tuple[int, int]:
    """SessionTokenSize in bytes, and SessionTokenUtilization in percent of what a token may have here."""
    size = len(credentials["SessionToken"])
    return size, -(-size * 100 // TOKEN_LIMIT)


def session_policies(call: Call, account: str, request: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The session policies of a request, checked; raises MalformedPolicyDocument and ValidationError."""
    document = request.get("Policy")
    if document is not None:
        try:
            validate_policy(document, PolicyType.SESSION)
        except MalformedPolicyError as error:
            raise AwsError("MalformedPolicyDocument", error.message) from error
    named = request.get("PolicyArns") or ()
    if any("arn" not in item for item in named):  # skipped, it would leave the session without its limit
        raise AwsError("ValidationError", "Each of PolicyArns must have an arn.")
    arns = tuple(item["arn"] for item in named)
    if len(arns) > 10:
        raise AwsError("ValidationError", "A session can have at most 10 managed session policies.")
    if len(document or "") + sum(map(len, arns)) > SESSION_POLICIES_SIZE:
        raise AwsError(
            "ValidationError",
            f"The session policies must have at most {SESSION_POLICIES_SIZE} characters together.",
        )
    for arn in arns:
        if not _policy_exists(call, account, arn):
            raise AwsError("MalformedPolicyDocument", f"The session policy {arn} does not exist.")
    return {"policies": (document,) if document is not None else (), "policy_arns": arns}


def _policy_exists(call: Call, account: str, arn: str) -> bool:
    if managed_policies.get(arn, call.partition) is not None:
        return True
    return customer_managed_policy(call.records, account, arn, partition=call.partition) is not None


def session_tags(tags: Sequence[Any] | None) -> dict[str, str]:
    """The tags of a request as a mapping; raises InvalidParameterValue for duplicates and reserved keys."""
    found: dict[str, str] = {}
    names: set[str] = set()
    for tag in tags or ():
        if tag["Key"].lower() in names:
            raise AwsError(
                "InvalidParameterValue",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            )
        if tag["Key"].lower().startswith("aws:"):
            raise AwsError("InvalidParameterValue", "Tag keys that start with aws: are reserved.")
        found[tag["Key"]] = tag["Value"]
        names.add(tag["Key"].lower())
    return found


def packed_size(policies: Iterable[str], arns: Iterable[str], tags: Mapping[str, str]) -> int | None:
    """PackedPolicySize in percent, None when nothing is packed; raises PackedPolicyTooLarge.

    AWS does not publish its packed form; ours is the deflated JSON of policies, ARNs and tags.
    """
    content = [list(policies), list(arns), dict(tags)]
    if not any(content):
        return None
    size = len(zlib.compress(orjson.dumps(content), 9))
    percent = -(-size * 100 // _PACKED_LIMIT)
    if percent > 100:
        raise AwsError(
            "PackedPolicyTooLarge",
            f"The session policies and tags take {percent}% of the packed size that is allowed.",
        )
    return percent
