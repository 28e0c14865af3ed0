"""Builds an installation of many users through the store: seconds, where the API would take an hour."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from masugata.identity.identifiers import access_key_id, secret_access_key, unique_id
from masugata.records.iam import (
    ACCESS_KEY,
    MANAGED_POLICY,
    USER,
    ManagedPolicy,
    PolicyVersion,
    Tag,
    User,
)
from masugata.server.bootstrap import bootstrap, sealed_key
from masugata.server.credentials_file import Credentials
from masugata.server.installation import open_installation
from masugata.settings import Settings
from masugata.store import Transaction

TEAMS = 200
CHUNK = 5_000


def user_name(number: int) -> str:
    """The name of the user with this number."""
    return f"user-{number:06}"


def build(folder: Path, users: int) -> None:
    """Make an installation in `folder`; each user has a policy, a team's policy, a tag and an access key."""
    settings = Settings(data=folder)
    store, keeper = open_installation(settings, create=True)
    now = datetime.now(UTC).replace(microsecond=0)
    account = bootstrap(store, keeper, settings, now, os.urandom).id

    def teams(transaction: Transaction) -> None:
        for number in range(TEAMS):
            transaction.put(MANAGED_POLICY, account, _policy(account, number, now))

    def people(first: int) -> None:
        def put(transaction: Transaction) -> None:
            for number in range(first, min(users, first + CHUNK)):
                user = _user(account, number, now)
                key = Credentials(access_key_id("AKIA", account, os.urandom), secret_access_key(os.urandom))
                transaction.put(USER, account, user)
                transaction.put(ACCESS_KEY, account, sealed_key(keeper, key, user.id, now))

        store.submit(put).result()

    try:
        store.submit(teams).result()
        for first in range(0, users, CHUNK):
            people(first)
    finally:
        store.close()


def _user(account: str, number: int, now: datetime) -> User:
    return User(
        name=user_name(number),
        path="/staff/",
        id=unique_id("AIDA", os.urandom),
        create_date=now,
        attached_policies=(f"arn:aws:iam::{account}:policy/team-{number % TEAMS}",),
        inline_policies={"own": _document(f"arn:aws:iam::{account}:user/staff/{user_name(number)}")},
        tags=(Tag("team", f"team-{number % TEAMS}"),),
    )


def _policy(account: str, number: int, now: datetime) -> ManagedPolicy:
    version = PolicyVersion(
        number=1, document=_document(f"arn:aws:iam::{account}:role/team-{number}"), create_date=now
    )
    return ManagedPolicy(
        name=f"team-{number}",
        id=unique_id("ANPA", os.urandom),
        create_date=now,
        update_date=now,
        versions=(version,),
        default_version=1,
        latest_version=1,
    )


def _document(resource: str) -> str:
    own = {"Effect": "Allow", "Action": ["iam:GetUser", "iam:ListAccessKeys"], "Resource": resource}
    keep = {
        "Effect": "Deny",
        "Action": "iam:Delete*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "owners"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [own, keep]})
