"""Calls that need several permissions, and the messages that only some may read."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from masugata.authorization.access import Access
from masugata.authorization.authorizer import (
    MESSAGE_LIMIT,
    MESSAGE_PURPOSE,
    Authorizer,
    decode_message,
    engine_principal,
)
from masugata.authorization.context import request_context
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.keeper import SealBrokenError, open_keeper
from masugata.records.iam import ROLE, Role, Tag
from masugata.wire import HttpRequest
from policies import allow, deny, document
from unit.authorization.world import ACCOUNT_ID, IAM, MADE, NOW, OTHER_ID, World, trusting

KEEPER = open_keeper("ephemeral:", create=True)
TAGGED = {"UserName": "bob", "Tags": [{"Key": "Shop", "Value": "bakery"}]}
COOK = f"{IAM}role/kitchen/Cook"
AUTHORIZER = Authorizer(KEEPER)


@pytest.fixture
def world() -> World:
    """A world of the test's own."""
    return World()


def context(world: World, caller: Caller) -> Mapping[str, Any]:
    """The keys of a plain call."""
    http = HttpRequest(method="POST", path="/", source_ip="192.0.2.7")
    return request_context(http, caller, "us-east-1", NOW, world.records)


def authorize(
    world: World, service: str, operation: str, request: Mapping[str, Any], caller: Caller | None = None
) -> None:
    """Authorize a call of alice, or of another caller."""
    caller = caller or world.alice()
    AUTHORIZER.authorize_operation(
        service, operation, request, caller, context(world, caller), world.records, "us-east-1"
    )


def refusal(*arguments: Any, **more: Any) -> AwsError:
    """The error with which a call is refused."""
    with pytest.raises(AwsError) as caught:
        authorize(*arguments, **more)
    assert caught.value.status == 403
    return caught.value


def test_the_engine_is_told_of_service_linked_roles() -> None:
    """Only sessions of roles under the very path count, whatever words other paths and names hold."""
    told = {}
    for path in ("role/aws-service-role/x.amazonaws.com/A", "role/a:role/aws-service-role/A", "role/A"):
        for kind in (CallerKind.ROLE_SESSION, CallerKind.USER):
            caller = Caller(
                kind=kind,
                account=ACCOUNT_ID,
                arn=f"{IAM}{path}",
                user_id="AROA",
                access_key_id="ASIA",
                issuer_arn=f"{IAM}{path}",
            )
            told[path, kind] = engine_principal(caller).service_linked
    assert [key for key, linked in told.items() if linked] == [
        ("role/aws-service-role/x.amazonaws.com/A", CallerKind.ROLE_SESSION)
    ]


def may(world: World, *statements: dict[str, Any]) -> None:
    """Give alice these permissions."""
    world.change_user(inline_policies={"p": document(*statements)})


def test_every_permission_must_be_there(world: World) -> None:
    """Creating with tags needs both permissions; the missing one is named."""
    request = TAGGED
    for missing, given in (("iam:CreateUser", "iam:TagUser"), ("iam:TagUser", "iam:CreateUser")):
        may(world, allow(given))
        error = refusal(world, "iam", "CreateUser", request)
        assert f"not authorized to perform: {missing} on resource: {IAM}user/bob" in error.message
    may(world, allow(["iam:CreateUser", "iam:TagUser"]))
    authorize(world, "iam", "CreateUser", request)
    authorize(world, "iam", "CreateUser", {"UserName": "bob"})


def test_rename_needs_both_ends(world: World) -> None:
    """Permission on one's own name does not carry over to another's."""
    may(world, allow("iam:UpdateUser", f"{IAM}user/staff/alice"))
    authorize(world, "iam", "UpdateUser", {"UserName": "alice"})
    for change in ({"NewUserName": "boss"}, {"NewPath": "/bosses/"}):
        error = refusal(world, "iam", "UpdateUser", {"UserName": "alice", **change})
        assert "because no identity-based policy allows the iam:UpdateUser action" in error.message


def test_deny_on_the_new_path(world: World) -> None:
    """Nobody moves a user to where another policy gives it more."""
    may(world, allow("iam:*"), deny("iam:UpdateUser", f"{IAM}user/bosses/*"))
    error = refusal(world, "iam", "UpdateUser", {"UserName": "alice", "NewPath": "/bosses/"})
    assert f"on resource: {IAM}user/bosses/alice with an explicit deny" in error.message


def test_nothing_is_needed_where_aws_asks_nothing(world: World) -> None:
    """GetCallerIdentity and GetSessionToken are open to everybody, whatever policies say."""
    may(world, deny())
    authorize(world, "sts", "GetCallerIdentity", {})
    authorize(world, "sts", "GetSessionToken", {})


@pytest.mark.parametrize(("service", "operation"), [("iam", "CreateSAMLProvider"), ("kms", "Encrypt")])
def test_unresolved_denies(world: World, service: str, operation: str) -> None:
    """What no rule covers is denied to the root user too, and names itself."""
    may(world, allow())
    for caller in (world.alice(), world.root()):
        error = refusal(world, service, operation, {}, caller)
        assert error.code == "AccessDenied"
        assert error.message == (
            f"User: {caller.arn} is not authorized to perform: {service}:{operation}: "
            f"no rule says what `{service}:{operation}` acts on"
        )


def test_session_limits_come_first(world: World) -> None:
    """What temporary credentials cannot do is refused before any policy is asked."""
    error = refusal(world, "iam", "ListUsers", {}, world.federated(policies=(document(allow()),)))
    assert error.code == "InvalidClientTokenId"
    assert error.encoded_message is None


def test_assume_role_within_the_account(world: World) -> None:
    """A trust policy that names the account leaves it to policies; one that names the user suffices."""
    request = {"RoleArn": COOK, "RoleSessionName": "hanako"}
    assert "because no identity-based policy" in refusal(world, "sts", "AssumeRole", request).message
    may(world, allow("sts:AssumeRole", COOK))
    authorize(world, "sts", "AssumeRole", request)
    may(world)
    world.change_role(trust_policy=trusting({"AWS": world.user.id}))
    authorize(world, "sts", "AssumeRole", request)
    may(world, deny("sts:AssumeRole"))
    assert "explicit deny in an identity-based policy" in refusal(world, "sts", "AssumeRole", request).message


def test_assume_role_across_accounts(world: World) -> None:
    """Across accounts both sides must allow, whoever may be named by the other side."""
    arn = f"arn:aws:iam::{OTHER_ID}:role/Guest"
    request = {"RoleArn": arn, "RoleSessionName": "hanako"}

    def trusts(trust_policy: str) -> None:
        guest = Role(name="Guest", id="AROAGUEST", create_date=MADE, trust_policy=trust_policy)
        world.put(ROLE, guest, account=OTHER_ID)

    may(world, allow("sts:AssumeRole", arn))
    trusts(trusting({"AWS": OTHER_ID}))
    assert "because no role trust policy" in refusal(world, "sts", "AssumeRole", request).message
    trusts(trusting({"AWS": ACCOUNT_ID}))
    authorize(world, "sts", "AssumeRole", request)
    trusts(trusting({"AWS": world.user.id}))
    authorize(world, "sts", "AssumeRole", request)
    may(world)
    assert "because no identity-based policy" in refusal(world, "sts", "AssumeRole", request).message


@pytest.mark.parametrize(
    "statement",
    [
        allow("sts:AssumeRole"),
        allow("sts:AssumeRole", StringEquals={"iam:ResourceTag/post": "guest"}),
        allow("sts:AssumeRole", Null={"aws:ResourceTag/post": "true"}),
        allow("iam:GetUser"),
    ],
)
@pytest.mark.parametrize(
    "trust",
    [
        {"Effect": "Deny", "Principal": {"AWS": ACCOUNT_ID}, "Action": "*", "Sid": "Secret"},
        {"Effect": "Allow", "Principal": {"AWS": OTHER_ID}, "Action": "*"},
    ],
)
def test_a_role_of_another_account_tells_nothing(
    world: World, statement: dict[str, Any], trust: dict[str, Any]
) -> None:
    """The denial reads the same, the encoded message too, whether or not the foreign role exists."""
    request = {"RoleArn": f"arn:aws:iam::{OTHER_ID}:role/Guest", "RoleSessionName": "hanako"}
    may(world, statement)
    missing = refusal(world, "sts", "AssumeRole", request)
    guest = Role(
        name="Guest",
        id="AROAGUEST",
        create_date=MADE,
        trust_policy=document(trust),
        tags=(Tag(key="post", value="guest"),),
    )
    world.put(ROLE, guest, account=OTHER_ID)
    existing = refusal(world, "sts", "AssumeRole", request)
    assert existing.message == missing.message
    assert decoded(existing) == decoded(missing)


def decoded(error: AwsError) -> str:
    """What an encoded message says."""
    assert error.encoded_message is not None
    return decode_message(error.encoded_message, ACCOUNT_ID, KEEPER)


def denial(world: World, resource: str = "*", **more: Any) -> AwsError:
    """A denial of one permission."""
    caller = world.alice()
    access = Access(action="iam:GetUser", resource=resource, resource_account=None, **more)
    with pytest.raises(AwsError) as caught:
        AUTHORIZER.authorize(access, caller, context(world, caller), world.records)
    return caught.value


def test_encoded_message(world: World) -> None:
    """The message tells all that the decision was made of, and opens for its account."""
    may(world, allow(), deny("iam:GetUser", sid="NoUsers"))
    encoded = denial(world, context={"aws:TagKeys": ["a", "b"]}).encoded_message
    assert encoded is not None
    message = json.loads(decode_message(encoded, ACCOUNT_ID, KEEPER))
    assert (message["allowed"], message["explicitDeny"], message["deniedBy"]) == (False, True, "identity")
    (matched,) = message["matchedStatements"]["items"]
    assert matched == {
        "statementId": "NoUsers",
        "effect": "DENY",
        "sourcePolicyId": f"inline policy p of {IAM}user/staff/alice",
        "sourcePolicyType": "identity",
        "statementIndex": 1,
    }
    about = message["context"]
    assert about["principal"]["arn"] == f"{IAM}user/staff/alice"
    assert (about["action"], about["resource"]) == ("iam:GetUser", "*")
    conditions = {item["key"]: item["values"]["items"] for item in about["conditions"]["items"]}
    assert conditions["aws:TagKeys"] == [{"value": "a"}, {"value": "b"}]
    assert conditions["aws:SourceIp"] == [{"value": "192.0.2.7"}]


def test_encoded_message_of_an_implicit_deny(world: World) -> None:
    """Without a statement that denies, none is listed."""
    encoded = denial(world).encoded_message
    assert encoded is not None
    message = json.loads(decode_message(encoded, ACCOUNT_ID, KEEPER))
    assert (message["explicitDeny"], message["matchedStatements"]) == (False, {"items": []})


def test_encoded_message_opens_for_nobody_else(world: World) -> None:
    """Another account, another installation and another purpose's seal open nothing."""
    encoded = denial(world).encoded_message
    assert encoded is not None
    with pytest.raises(SealBrokenError):
        decode_message(encoded, OTHER_ID, KEEPER)
    with pytest.raises(SealBrokenError):
        decode_message(encoded, ACCOUNT_ID, open_keeper("ephemeral:", create=True))
    token = KEEPER.seal("sts-session-token", b"x", f"authorization-message/{ACCOUNT_ID}".encode())
    with pytest.raises(SealBrokenError):
        decode_message(base64.urlsafe_b64encode(token).decode(), ACCOUNT_ID, KEEPER)
    assert MESSAGE_PURPOSE != "sts-session-token"


@pytest.mark.parametrize("encoded", ["A", "!!!!", "é"])
def test_text_that_is_no_message(encoded: str) -> None:
    """Malformed text is a ValueError, not a crash."""
    with pytest.raises(ValueError, match=r"."):
        decode_message(encoded, ACCOUNT_ID, KEEPER)


def test_message_that_would_be_too_long(world: World) -> None:
    """A message that DecodeAuthorizationMessage could not take is left out; the denial stands."""
    noise = [f"{number:x}" * 40 for number in range(10**6, 10**6 + 5000)]
    error = denial(world, context={"aws:TagKeys": noise})
    assert error.code == "AccessDenied"
    assert error.encoded_message is None
    short = denial(world).encoded_message
    assert short is not None
    assert len(short) <= MESSAGE_LIMIT


def test_equal_policies_keep_the_names_of_their_resources(world: World) -> None:
    """Of two resources with the same policy a denial names the one that was asked for."""
    nobody = document({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
    for name in ("one", "two"):
        error = denial(world, f"arn:aws:kms:eu-west-1:{ACCOUNT_ID}:key/{name}", resource_policy=nobody)
        assert error.encoded_message is not None
        message = json.loads(decode_message(error.encoded_message, ACCOUNT_ID, KEEPER))
        (matched,) = message["matchedStatements"]["items"]
        assert matched["sourcePolicyId"] == f"policy of arn:aws:kms:eu-west-1:{ACCOUNT_ID}:key/{name}"
