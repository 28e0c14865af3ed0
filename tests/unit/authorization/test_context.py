"""The global condition keys, for each kind of caller, and their absence where AWS has them absent."""

from datetime import timedelta

import msgspec
import pytest

from masugata.authorization.context import principal_arn, request_context
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.iam import Tag
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID, ALICE, IAM, NOW, World

PLAIN = HttpRequest(method="POST", path="/", source_ip="192.0.2.7")
EVERYONE = {
    "aws:CurrentTime": "2026-11-23T12:30:45Z",
    "aws:EpochTime": "1795437045",
    "aws:PrincipalAccount": ACCOUNT_ID,
    "aws:PrincipalIsAWSService": "false",
    "aws:RequestedRegion": "eu-west-1",
    "aws:SecureTransport": "false",
    "aws:SourceIp": "192.0.2.7",
    "aws:ViaAWSService": "false",
}
SESSION = {"aws:TokenIssueTime": "2026-11-23T12:29:45Z", "aws:MultiFactorAuthPresent": "false"}
COOK, COOK_ID = f"{IAM}role/kitchen/Cook", "AROACOOKCOOKCOOKCOOKC"


@pytest.fixture
def world() -> World:
    """A world of the test's own."""
    return World()


def context(world: World, caller: Caller, http: HttpRequest = PLAIN) -> dict[str, object]:
    """The keys of a call in eu-west-1."""
    return dict(request_context(http, caller, "eu-west-1", NOW, world.records))


def test_user(world: World) -> None:
    """A user has a name and its tags, and no key of temporary credentials."""
    assert context(world, world.alice()) == EVERYONE | {
        "aws:PrincipalArn": f"{IAM}user/staff/alice",
        "aws:PrincipalTag/Team": "red",
        "aws:PrincipalType": "User",
        "aws:userid": ALICE,
        "aws:username": "alice",
    }


def test_user_with_a_session_token(world: World) -> None:
    """A GetSessionToken session is its user, and says when it began and that MFA was not used."""
    caller = world.caller(CallerKind.USER, ALICE)
    assert context(world, caller) == context(world, world.alice()) | SESSION


def test_root_for_a_task(world: World) -> None:
    """A session of AssumeRoot says that it is one; no other session has the key."""
    caller = world.root_for_a_task()
    plain = world.caller(CallerKind.ROOT, ACCOUNT_ID)
    assert context(world, caller) == context(world, plain) | {"aws:AssumedRoot": "true"}


def test_root(world: World) -> None:
    """The root user is of type Account, has the account as its id, and no name."""
    expected = EVERYONE | {
        "aws:PrincipalArn": f"{IAM}root",
        "aws:PrincipalType": "Account",
        "aws:userid": ACCOUNT_ID,
    }
    assert context(world, world.root()) == expected
    assert context(world, world.caller(CallerKind.ROOT, ACCOUNT_ID)) == expected | SESSION


def test_role_session(world: World) -> None:
    """A role session goes by its role's ARN and its own id, and has no user name."""
    assert context(world, world.cook()) == EVERYONE | SESSION | {
        "aws:PrincipalArn": COOK,
        "aws:PrincipalTag/Team": "red",
        "aws:PrincipalType": "AssumedRole",
        "aws:userid": f"{COOK_ID}:hanako",
    }


def test_federated_user(world: World) -> None:
    """A federated user goes by its own ARN, carries the tags of the user behind it, and has no user name."""
    expected = (
        EVERYONE
        | SESSION
        | {
            "aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT_ID}:federated-user/taro",
            "aws:PrincipalType": "FederatedUser",
            "aws:userid": f"{ACCOUNT_ID}:taro",
        }
    )
    assert context(world, world.federated()) == expected | {"aws:PrincipalTag/Team": "red"}
    assert context(world, world.federated(ACCOUNT_ID)) == expected


def test_mfa(world: World) -> None:
    """A session that began with MFA says so, and how long ago."""
    keys = context(world, world.caller(CallerKind.USER, ALICE, mfa=int(NOW.timestamp()) - 90))
    assert keys["aws:MultiFactorAuthPresent"] == "true"
    assert keys["aws:MultiFactorAuthAge"] == "90"


def test_source_identity(world: World) -> None:
    """A source identity is on every call of its session."""
    assert context(world, world.cook(source_identity="hanako"))["aws:SourceIdentity"] == "hanako"


@pytest.mark.parametrize("kind", ["cook", "federated"])
def test_session_tags_go_over_the_principals(world: World, kind: str) -> None:
    """A session tag replaces the principal's tag of the same key in whatever case, and only that one."""
    tags = (Tag("Team", "red"), Tag("Shop", "bakery"))
    world.change_role(tags=tags)
    world.change_user(tags=tags)
    keys = context(world, getattr(world, kind)(tags={"team": "blue", "New": "1"}))
    assert {key: value for key, value in keys.items() if key.startswith("aws:PrincipalTag/")} == {
        "aws:PrincipalTag/Shop": "bakery",
        "aws:PrincipalTag/team": "blue",
        "aws:PrincipalTag/New": "1",
    }


def test_http(world: World) -> None:
    """What the request says of itself: TLS, agent and referer, as the first header of that name has it."""
    http = HttpRequest(
        method="GET",
        path="/",
        headers=(("user-agent", "one"), ("user-agent", "two"), ("referer", "https://example.com/")),
        source_ip="2001:db8::1",
        secure=True,
    )
    keys = context(world, world.alice(), http)
    assert keys["aws:SecureTransport"] == "true"
    assert keys["aws:SourceIp"] == "2001:db8::1"
    assert keys["aws:UserAgent"] == "one"
    assert keys["aws:Referer"] == "https://example.com/"


@pytest.mark.parametrize("header", ["User-Agent", "Referer"])
def test_long_headers_are_refused(world: World, header: str) -> None:
    """1,024 characters of a header are a key; with one more the request is refused and none is cut off."""

    def asked(length: int) -> dict[str, object]:
        headers = ((header.lower(), "x" * length),)
        return context(world, world.alice(), msgspec.structs.replace(PLAIN, headers=headers))

    assert asked(1024)[f"aws:{header.replace('-', '')}"] == "x" * 1024
    with pytest.raises(AwsError) as caught:
        asked(1025)
    assert (caught.value.code, caught.value.status) == ("ValidationError", 400)
    assert caught.value.message == f"The {header} header must not be longer than 1024 characters."


def test_headers_set_no_keys(world: World) -> None:
    """Nothing that a client can claim in headers reaches the keys that the house sets."""
    claims = tuple(
        (name, "claimed")
        for name in (
            "x-forwarded-for",
            "x-real-ip",
            "aws:sourceip",
            "x-amz-source-vpc",
            "x-amz-source-vpce",
            "x-amz-mfa",
            "x-amz-source-account",
            "x-amz-source-arn",
            "via",
        )
    )
    http = msgspec.structs.replace(PLAIN, headers=claims)
    assert context(world, world.alice(), http) == context(world, world.alice())


def test_tags_are_of_the_present_state(world: World) -> None:
    """A changed tag binds the next call."""
    world.change_user(tags=())
    assert "aws:PrincipalTag/Team" not in context(world, world.alice())


def test_principal_arn_is_not_the_sessions(world: World) -> None:
    """`aws:PrincipalArn` names the role with its path, which the session's own ARN leaves out."""
    caller = world.cook()
    assert caller.arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/Cook/hanako"
    assert principal_arn(caller) == COOK


def test_what_a_user_was_is_not_remembered(world: World) -> None:
    """Tags that were changed, and an address and a time that are others, count for the very next request."""
    assert context(world, world.alice())["aws:PrincipalTag/Team"] == "red"
    world.change_user(tags=(Tag("Team", "blue"),))
    later = request_context(
        msgspec.structs.replace(PLAIN, source_ip="192.0.2.8"),
        world.alice(),
        "eu-west-1",
        NOW + timedelta(minutes=1),
        world.records,
    )
    assert later["aws:PrincipalTag/Team"] == "blue"
    assert (later["aws:SourceIp"], later["aws:CurrentTime"]) == ("192.0.2.8", "2026-11-23T12:31:45Z")


def test_the_age_of_a_code_goes_on(world: World) -> None:
    """A code that came with the call is as old as it is now, however often the same caller asks."""
    caller = msgspec.structs.replace(world.alice(), code_time=int(NOW.timestamp()) - 5)
    for seconds in (0, 60):
        later = request_context(PLAIN, caller, "eu-west-1", NOW + timedelta(seconds=seconds), world.records)
        assert later["aws:MultiFactorAuthAge"] == str(5 + seconds)


def test_an_identity_provider_cannot_name_the_principal(world: World) -> None:
    """What a provider leaves to a session stands behind what is known of the principal itself."""
    caller = world.cook(provider="arn:aws:iam::1:saml-provider/x", provider_keys={"aws:PrincipalArn": "y"})
    assert context(world, caller)["aws:PrincipalArn"] == COOK
