"""A tour through all built operations but Organizations' with boto3, every answer held to the model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import (
    accounts,
    certificates,
    identities,
    mfa,
    other_accounts,
    passwords,
    providers,
    reports,
    simulation,
    tokens,
)
from conformance.identities import IAM
from conformance.inspector import Inspector
from federation.issuer import Issuer
from masugata.services import SERVICES
from support import House

# The model requires members that AWS itself leaves out for the root user, who has neither name nor path.
ROOT_HAS_NOT = {"User.UserName", "User.Path", "AccessKey.UserName"}
# The model wants 48 characters, but 16 bytes in hexadecimal with colons between them are 47, in AWS as well.
OUTSIDE_LIMITS = {f"{name}SSHPublicKey.SSHPublicKey.Fingerprint" for name in ("Get", "Upload")}


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    """An OpenID Connect issuer on loopback."""
    with Issuer(tmp_path / "issuer") as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, issuer: Issuer) -> Iterator[House]:
    """An installation of the test's own, which may reach the issuer."""
    house = House(tmp_path, private_issuers=[issuer.host])
    yield house
    house.store.close()


def test_every_built_operation(house: House, issuer: Issuer) -> None:
    """All built operations answer, with every member that the model requires and times in whole seconds."""
    inspector = Inspector(house)
    iam = inspector.client("iam")
    identities.users_and_groups(iam)
    mfa.mfa_devices(iam, house)
    certificates.certificates(iam)
    passwords.passwords(iam)
    reports.reports(iam, "arn:aws:iam::aws:policy/AdministratorAccess")
    identities.roles_and_profiles(iam)
    identities.managed_policies(iam)
    accounts.account(iam)
    accounts.preferences(iam)
    tokens.credentials(inspector)
    tokens.outbound_tokens(inspector)
    providers.providers(inspector, issuer)
    simulation.simulation(iam)
    other_accounts.root_access(inspector)
    other_accounts.access_report(inspector)
    other_accounts.delegation(inspector)
    identities.clean_up(iam)
    assert inspector.client("cloudtrail").lookup_events()["Events"]
    assert inspector.missing == set()
    assert inspector.outside == OUTSIDE_LIMITS
    assert inspector.called == {
        service: set(operations) if service not in {"kms", "organizations", "wafv2"} else set()
        for service, operations in SERVICES.items()
    }


def test_root_user(house: House) -> None:
    """The root user's answers lack only what AWS leaves out of them."""
    key = house.root_key()
    inspector = Inspector(house)
    iam = inspector.client("iam", key)
    assert iam.get_user()["User"]["Arn"] == f"{IAM}root"
    made = iam.create_access_key()["AccessKey"]
    assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 2
    iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    inspector.client("sts", key).get_session_token()
    assert {place.partition(".")[2] for place in inspector.missing} == ROOT_HAS_NOT
    assert inspector.outside == {"GetUser.User.UserId"}  # the account's id, shorter than others


# Every paginator that boto3 has for a built operation: its arguments and how many items there are at least.
PAGINATORS: dict[str, dict[str, tuple[dict[str, Any], int]]] = {
    "iam": {
        **accounts.PAGINATORS,
        **certificates.PAGINATORS,
        **identities.PAGINATORS,
        **mfa.PAGINATORS,
        **providers.PAGINATORS,
        **simulation.PAGINATORS,
    },
    "sts": {},
    "cloudtrail": {
        # of one name, since each look-up is itself an event
        "lookup_events": (
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]},
            3,
        )
    },
}


def test_every_paginator(house: House) -> None:
    """With pages of one item, every paginator finds just what one large page holds, in the same order."""
    iam = house.client("iam")
    identities.three_of_everything(iam)
    certificates.some_of_each(iam)
    mfa.three_devices(iam, house)
    providers.one_of_each(iam)
    for service, paginators in PAGINATORS.items():
        client = house.client(service)
        operations = client.meta.method_to_api_mapping
        built = {name for name, operation in operations.items() if operation in SERVICES[service]}
        assert set(paginators) == {name for name in built if client.can_paginate(name)}
        for name, (arguments, least) in paginators.items():
            in_pages_and_whole(client.get_paginator(name), arguments, least)


def in_pages_and_whole(paginator: Any, arguments: dict[str, Any], least: int) -> None:
    """Pages of one item make the same list, of at least so many, as one large page."""
    whole = paginator.paginate(**arguments).build_full_result()
    single = paginator.paginate(**arguments, PaginationConfig={"PageSize": 1}).build_full_result()
    assert single == whole, arguments
    lists = [value for value in whole.values() if isinstance(value, list)]
    assert lists, arguments
    assert all(len(items) >= least for items in lists), arguments


def test_waiters(house: House) -> None:
    """boto3's waiters for users, roles, policies and instance profiles end at once."""
    iam = house.client("iam")
    identities.three_of_everything(iam)
    iam.get_waiter("user_exists").wait(UserName="user-0")
    iam.get_waiter("role_exists").wait(RoleName="role-0")
    iam.get_waiter("policy_exists").wait(PolicyArn=f"{IAM}policy/policy-0")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="profile-0")
