"""Two accounts behind one gateway, with access keys that the store holds."""

from os import urandom
from pathlib import Path

import orjson
import pytest

from masugata.identity.identifiers import access_key_id, secret_access_key, unique_id
from masugata.records.account import Account
from masugata.records.iam import ACCESS_KEY
from masugata.server import Credentials, create_account, sealed_key
from masugata.store import Transaction
from policies import allow, document
from support import ACCOUNT, House
from unit.gateway.people import ALL, denied, refused, session, user

OTHER = "444455556666"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


@pytest.fixture
def other(house: House) -> Credentials:
    """The key of another account's administrator."""
    now = house.clock().replace(microsecond=0)
    key = Credentials(access_key_id("AKIA", OTHER, urandom), secret_access_key(urandom))

    def create(transaction: Transaction) -> None:
        account = Account(id=OTHER, root_email="other@example.com", create_date=now)
        admin = create_account(transaction, account, unique_id("AIDA", urandom))
        transaction.put(ACCESS_KEY, OTHER, sealed_key(house.keeper, key, admin.id, now))

    house.store.submit(create).result()
    return key


def test_a_key_leads_to_its_account(house: House, other: Credentials) -> None:
    """The same calls with the keys of two accounts find two accounts."""
    ours, theirs = house.client("iam"), house.client("iam", other)
    theirs.create_user(UserName="taro")
    assert theirs.get_user()["User"]["Arn"] == f"arn:aws:iam::{OTHER}:user/admin"
    assert ours.get_user()["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert refused(ours.get_user, UserName="taro") == "NoSuchEntity"


def test_a_role_across_accounts(house: House, other: Credentials) -> None:
    """It is assumed where both sides allow, at once denied when either stops, and recorded on both."""
    alice = user(house, "alice", allow("sts:AssumeRole"))
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    theirs = house.client("iam", other)
    arn = theirs.create_role(RoleName="Guest", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    theirs.put_role_policy(RoleName="Guest", PolicyName="p", PolicyDocument=document(ALL))
    sts = house.client("sts", alice)
    asked = {"RoleArn": arn, "RoleSessionName": "visit"}
    guest = session(house, sts.assume_role(**asked)["Credentials"], "iam")
    assert guest.get_role(RoleName="Guest")["Role"]["Arn"] == arn
    theirs.update_assume_role_policy(
        RoleName="Guest", PolicyDocument=document({**trust, "Principal": {"AWS": OTHER}})
    )
    denied(sts.assume_role, **asked)
    theirs.update_assume_role_policy(RoleName="Guest", PolicyDocument=document(trust))
    sts.assume_role(**asked)
    house.client("iam").delete_user_policy(UserName="alice", PolicyName="p")
    denied(sts.assume_role, **asked)
    recorded = {
        account: [
            orjson.loads(row.body)
            for row in house.store.events(account, "us-east-1", attribute=("EventName", "AssumeRole"))
        ]
        for account in (ACCOUNT, OTHER)
    }
    assert [event.get("errorCode") for event in recorded[ACCOUNT]] == [
        "AccessDenied",
        None,
        "AccessDenied",
        None,
    ]
    shared = [event["sharedEventID"] for event in recorded[ACCOUNT] if "errorCode" not in event]
    assert [event["sharedEventID"] for event in recorded[OTHER]] == shared
