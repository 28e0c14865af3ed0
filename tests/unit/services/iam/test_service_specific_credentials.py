"""Names with passwords, and API keys, that one service takes."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest

from masugata.records.iam import SERVICE_SPECIFIC_CREDENTIAL

GIT = "codecommit.amazonaws.com"
BEDROCK = "bedrock.amazonaws.com"
MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)


@pytest.fixture
def alice(iam):
    """The house, with a user alice in it."""
    iam("CreateUser", UserName="alice")
    return iam


def create(house, service=GIT, name="alice", **members):
    request = {"UserName": name, "ServiceName": service} | members
    return house("CreateServiceSpecificCredential", **request)["ServiceSpecificCredential"]


def listed(house, **request):
    return house("ListServiceSpecificCredentials", **request)["ServiceSpecificCredentials"]


def test_a_password_is_shown_once(alice):
    """The answer has the password, the record only the sealed one, bound to the credential's id."""
    made = create(alice)
    identity = made["ServiceSpecificCredentialId"]
    assert made == {
        "UserName": "alice",
        "Status": "Active",
        "CreateDate": MOMENT,
        "ServiceSpecificCredentialId": identity,
        "ServiceName": GIT,
        "ServiceUserName": "alice-at-111122223333",
        "ServicePassword": made["ServicePassword"],
    }
    sealed = alice.get(SERVICE_SPECIFIC_CREDENTIAL, identity).secret
    assert sealed == f"sealed|service-specific-credential|{identity}|{made['ServicePassword']}".encode()
    (shown,) = listed(alice, UserName="alice")
    assert shown == {name: value for name, value in made.items() if name != "ServicePassword"}


def test_nobody_gets_a_name_that_somebody_has(alice):
    """The service knows users by these names, which stay when users are renamed and names are reused."""
    names = [create(alice)["ServiceUserName"] for _ in range(2)]
    alice("CreateUser", UserName="alice+1")
    names.append(create(alice, name="alice+1")["ServiceUserName"])
    alice("UpdateUser", UserName="alice", NewUserName="alicia")
    alice("CreateUser", UserName="alice")
    names.append(create(alice)["ServiceUserName"])
    assert names == [f"alice{end}-at-111122223333" for end in ("", "+1", "+1+1", "+2")]
    assert create(alice, "cassandra.amazonaws.com")["ServiceUserName"] == "alice-at-111122223333"


def test_two_for_each_service(alice):
    """Two at most for one service, under different names; another service has its own two."""
    names = {create(alice)["ServiceUserName"] for _ in range(2)}
    assert names == {"alice-at-111122223333", "alice+1-at-111122223333"}
    refused = alice.fails("CreateServiceSpecificCredential", UserName="alice", ServiceName=GIT)
    assert refused[0] == "LimitExceeded"
    create(alice, "cassandra.amazonaws.com")
    first = listed(alice, UserName="alice", ServiceName=GIT)[0]
    alice(
        "DeleteServiceSpecificCredential",
        UserName="alice",
        ServiceSpecificCredentialId=first["ServiceSpecificCredentialId"],
    )
    assert create(alice)["ServiceUserName"] == first["ServiceUserName"]


def test_an_api_key_expires(alice):
    """An API key says what it is, and is Expired when its days are over."""
    made = create(alice, BEDROCK, CredentialAgeDays=30)
    secret = made["ServiceCredentialSecret"]
    assert secret.startswith("ABSK")
    assert b64decode(secret[4:]).decode().startswith(made["ServiceCredentialAlias"] + ":")
    assert made["ExpirationDate"] == datetime(2026, 12, 23, 12, 30, 45, tzinfo=UTC)
    assert "ServiceUserName" not in made
    alice.later(days=29)
    assert listed(alice, UserName="alice")[0]["Status"] == "Active"
    alice.later(days=1)
    assert listed(alice, UserName="alice")[0]["Status"] == "Expired"


def test_reset_gives_another_secret(alice):
    """The secret before is gone, and so is what was sealed."""
    made = create(alice)
    identity = made["ServiceSpecificCredentialId"]
    before = alice.get(SERVICE_SPECIFIC_CREDENTIAL, identity).secret
    named = {"UserName": "alice", "ServiceSpecificCredentialId": identity}
    again = alice("ResetServiceSpecificCredential", **named)["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    assert alice.get(SERVICE_SPECIFIC_CREDENTIAL, identity).secret != before
    assert {**again, "ServicePassword": ""} == {**made, "ServicePassword": ""}


def test_bad_requests(alice):
    """Services that take none, days for what does not expire, and contradictions are refused."""
    unknown = {"UserName": "alice", "ServiceName": "s3.amazonaws.com"}
    assert alice.fails("CreateServiceSpecificCredential", **unknown)[::2] == ("NotSupportedService", 404)
    assert alice.fails("ListServiceSpecificCredentials", **unknown)[0] == "NotSupportedService"
    days = {"UserName": "alice", "ServiceName": GIT, "CredentialAgeDays": 3}
    assert alice.fails("CreateServiceSpecificCredential", **days)[0] == "ValidationError"
    everybody = {"AllUsers": True, "UserName": "alice", "ServiceName": GIT}
    assert alice.fails("ListServiceSpecificCredentials", **everybody)[0] == "ValidationError"
    assert alice.fails("ListServiceSpecificCredentials", AllUsers=True)[0] == "ValidationError"


def test_all_users(alice):
    """All users' credentials for one service, with whose they are."""
    alice("CreateUser", UserName="bob")
    for name in ("alice", "bob"):
        create(alice, name=name)
        create(alice, BEDROCK, name)
    shown = listed(alice, AllUsers=True, ServiceName=GIT)
    assert sorted(item["UserName"] for item in shown) == ["alice", "bob"]
    assert {item["ServiceName"] for item in shown} == {GIT}


def test_another_users_is_unknown(alice):
    """Who is not the owner can neither switch, reset nor delete it; the owner cannot be deleted with it."""
    identity = create(alice)["ServiceSpecificCredentialId"]
    alice("CreateUser", UserName="bob")
    named = {"UserName": "bob", "ServiceSpecificCredentialId": identity}
    message = f"The service specific credential with id {identity} cannot be found."
    for operation, members in (
        ("UpdateServiceSpecificCredential", {"Status": "Inactive"}),
        ("ResetServiceSpecificCredential", {}),
        ("DeleteServiceSpecificCredential", {}),
    ):
        assert alice.fails(operation, **named, **members) == ("NoSuchEntity", message, 404)
    assert alice.fails("DeleteUser", UserName="alice") == (
        "DeleteConflict",
        "Cannot delete entity, must remove referenced objects first.",
        409,
    )
    named["UserName"] = "alice"
    alice("UpdateServiceSpecificCredential", **named, Status="Inactive")
    assert listed(alice, UserName="alice")[0]["Status"] == "Inactive"
