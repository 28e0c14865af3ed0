"""Grants of one key and those who ask, and which of the grants apply by going through all of them."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from masugata.identity.caller import Caller, CallerKind
from masugata.identity.services import ServicePrincipal
from masugata.records.kms import Grant, Key

ACCOUNT = "111122223333"
OTHER = "444455556666"
REGION = "us-east-1"
ROLE = "AROAAAAAAAAAAAAAAAAAA"
USER = "AIDAAAAAAAAAAAAAAAAAA"
SECOND = "AIDABBBBBBBBBBBBBBBBB"
SOURCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
KEY_RECORD = Key(
    id="00000000-0000-4000-8000-000000000001",
    region=REGION,
    creation_date=NOW,
    policy="{}",
    spec="SYMMETRIC_DEFAULT",
    usage="ENCRYPT_DECRYPT",
)
WITHOUT_CONTEXT = {"DescribeKey", "RetireGrant"}


def root(account: str) -> str:
    """The ARN of an account."""
    return f"arn:aws:iam::{account}:root"


def _caller(kind: CallerKind, user_id: str, **more: Any) -> Caller:
    members: dict[str, Any] = {
        "account": ACCOUNT,
        "arn": f"arn:aws:x::{ACCOUNT}:{user_id}",
        "access_key_id": "",
    }
    return Caller(kind=kind, user_id=user_id, **(members | more))


FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/carol"
CALLERS = {
    "root": _caller(CallerKind.ROOT, ACCOUNT, issuer_id=ACCOUNT),
    "user": _caller(CallerKind.USER, USER, issuer_id=USER),
    "session": _caller(CallerKind.ROLE_SESSION, f"{ROLE}:monday", issuer_id=ROLE),
    "other session": _caller(CallerKind.ROLE_SESSION, f"{ROLE}:tuesday", issuer_id=ROLE),
    "federated": _caller(CallerKind.FEDERATED, f"{ACCOUNT}:carol", arn=FEDERATED, issuer_id=USER),
    "stranger": _caller(CallerKind.USER, SECOND, issuer_id=SECOND, account=OTHER),
    "service": _caller(
        CallerKind.SERVICE, "ec2.amazonaws.com", arn="ec2.amazonaws.com", account="",
        service=ServicePrincipal(name="ec2.amazonaws.com", account=ACCOUNT, region=REGION, source_arn=SOURCE),
    ),
    "web identity": _caller(CallerKind.WEB_IDENTITY, USER, issuer_id=USER),
}  # fmt: skip
# Whom a grant may name, and for whom of the callers it is then.
GRANTEES = {
    root(ACCOUNT): {"root", "user", "session", "other session", "federated"},
    root(OTHER): {"stranger"},
    USER: {"user", "federated"},
    SECOND: {"stranger"},
    ROLE: {"session", "other session"},
    f"{ROLE}:monday": {"session"},
    FEDERATED: {"federated"},
    "ec2.amazonaws.com": {"service"},
}
contexts = st.dictionaries(st.sampled_from(["a", "A", "b", "c"]), st.sampled_from(["1", "2", ""]), max_size=3)


@st.composite
def grants(draw: st.DrawFn, number: int = 0, grantees: Any = None) -> Grant:
    """A grant of the key."""
    grantee = draw(st.sampled_from(sorted(GRANTEES)) if grantees is None else grantees)
    kind = draw(st.sampled_from(["none", "equals", "subset"]))
    context = draw(contexts)
    operations = st.sampled_from(["Encrypt", "Decrypt", "CreateGrant", "DescribeKey", "ReEncryptTo"])
    return Grant(
        id=f"{number:064x}",
        key_id=KEY_RECORD.id,
        creation_date=NOW,
        issuing_account=ACCOUNT,
        grantee=grantee,
        operations=tuple(sorted(draw(st.sets(operations, min_size=1)))),
        context_equals=context if kind == "equals" else None,
        context_subset=context if kind == "subset" else None,
        source_arn=draw(st.sampled_from(["", "", SOURCE, SOURCE + "0"])),
    )


def meets(grant: Grant, operation: str, request: dict[str, Any], source_arn: str) -> bool:
    """Whether a request meets the constraints of a grant, read as AWS's documentation says it."""
    if operation not in grant.operations:
        return False
    if grant.source_arn and grant.source_arn != source_arn:
        return False
    if operation in WITHOUT_CONTEXT:
        return True
    if operation == "CreateGrant":
        return no_wider(request, grant)
    member = "DestinationEncryptionContext" if operation == "ReEncryptTo" else "EncryptionContext"
    context = request.get(member) or {}
    if grant.context_equals is not None:
        return sorted(context.items()) == sorted(grant.context_equals.items())
    wanted = grant.context_subset or {}
    return all(name in context and context[name] == value for name, value in wanted.items())


def no_wider(request: dict[str, Any], parent: Grant) -> bool:
    """Whether what is asked for is part of what the parent allows, under all of its constraints."""
    if any(operation not in parent.operations for operation in request["Operations"]):
        return False
    constraints = request.get("Constraints") or {}
    if parent.source_arn and constraints.get("SourceArn") != parent.source_arn:
        return False
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if parent.context_equals is not None:
        return equals is not None and dict(equals) == dict(parent.context_equals)
    if parent.context_subset:
        given = equals if equals is not None else subset or {}
        return all(given.get(name) == value for name, value in parent.context_subset.items())
    return True
