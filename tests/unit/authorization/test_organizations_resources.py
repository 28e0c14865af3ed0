"""Every Organizations operation resolves to the ARNs and condition keys of AWS's authorization reference."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.authorization.access import Access
from masugata.authorization.resources import accesses
from masugata.authorization.resources.organizations import ANY_MEMBER, DELEGABLE, DELEGATED_READ
from masugata.identity.caller import Caller, CallerKind
from masugata.records import ALL_KINDS
from masugata.records.iam import Tag
from masugata.records.organizations import (
    HANDSHAKE,
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RESPONSIBILITY_TRANSFER,
    Handshake,
    Member,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    ResourcePolicy,
    ResponsibilityTransfer,
)
from masugata.store import Records, Transaction, open_store
from masugata.wire import load_service
from unit.authorization import resource_rows_organizations as rows

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEAM = (Tag("Team", "red"),)
DELEGATION = '{"Version":"2012-10-17","Statement":[]}'


def world(**fields: Any) -> Records:
    """An organization in which everything has a tag."""
    store = open_store(None, ALL_KINDS)

    def fill(transaction: Transaction) -> None:
        def put(kind: Any, record: Any) -> None:
            transaction.put(kind, rows.MANAGEMENT, record)

        values: dict[str, Any] = {
            "resource_policy": ResourcePolicy(id=rows.RESOURCE_POLICY, content=DELEGATION, tags=TEAM),
            **fields,
        }
        put(
            ORGANIZATION,
            Organization(
                id=rows.ID,
                root_id=rows.ROOT,
                management_account=rows.MANAGEMENT,
                create_date=NOW,
                tags=TEAM,
                **values,
            ),
        )
        for account in (rows.MANAGEMENT, rows.MEMBER):
            member = Member(
                id=account,
                organization=rows.ID,
                parent=rows.ROOT,
                joined=NOW,
                joined_method="INVITED",
                tags=TEAM,
            )
            put(MEMBER, member)
        put(ORGANIZATIONAL_UNIT, OrganizationalUnit(id=rows.UNIT, name="shops", parent=rows.ROOT, tags=TEAM))
        put(
            ORGANIZATION_POLICY,
            OrganizationPolicy(
                id=rows.POLICY, organization=rows.ID, name="no", type=rows.SCP, content="{}", tags=TEAM
            ),
        )
        put(
            HANDSHAKE,
            Handshake(
                id=rows.HANDSHAKE,
                organization=rows.ID,
                action="INVITE",
                state="OPEN",
                requested=NOW,
                expiration=NOW,
            ),
        )
        put(
            RESPONSIBILITY_TRANSFER,
            ResponsibilityTransfer(
                id=rows.TRANSFER,
                name="bills",
                source=rows.MANAGEMENT,
                target="777788889999",
                invited_by="ACCOUNT",
                start=NOW,
                handshake=rows.HANDSHAKE,
                tags=TEAM,
            ),
        )

    store.submit(fill).result()
    return store.snapshot()


def needed(operation: str, request: Mapping[str, Any], account: str, records: Records) -> list[Access]:
    """What a user of an account needs for this call."""
    caller = Caller(
        kind=CallerKind.USER,
        account=account,
        arn=f"arn:aws:iam::{account}:user/alice",
        user_id="AIDAALICE",
        access_key_id="",
    )
    return accesses("organizations", operation, request, caller, records, "us-east-1")


def test_every_operation_has_its_row() -> None:
    """All operations of the model stand in the table, once."""
    assert sorted(row[0] for row in rows.ROWS) == sorted(load_service("organizations").operation_names)


@pytest.mark.parametrize(("operation", "request_", "expected"), rows.ROWS, ids=[row[0] for row in rows.ROWS])
def test_management_account(operation: str, request_: Mapping[str, Any], expected: list[rows.Found]) -> None:
    """Each resource that the call names must be allowed, by the management account's own policies."""
    found = needed(operation, request_, rows.MANAGEMENT, world())
    tagging = [access for access in found if access.action == "organizations:TagResource"]
    acting = [access for access in found if access.action == f"organizations:{operation}"]
    assert sorted((access.resource, dict(access.context)) for access in acting) == sorted(
        ((resource, dict(keys)) for resource, keys in expected), key=lambda pair: pair[0]
    )
    if operation != "TagResource":
        assert len(found) == len(acting) + len(tagging)
        assert [access.resource for access in tagging] == (
            [resource for resource, _ in expected] if "Tags" in request_ else []
        )
        assert all(rows.TAG.items() <= access.context.items() for access in tagging)
    assert {(access.resource_account, access.resource_policy) for access in found} == {
        (rows.MANAGEMENT, None)
    }


@pytest.mark.parametrize(("operation", "request_", "_expected"), rows.ROWS, ids=[row[0] for row in rows.ROWS])
def test_member_account(operation: str, request_: Mapping[str, Any], _expected: object) -> None:
    """What can be delegated takes the organization's resource-based policy too, unless all may read it."""
    delegated = {"config.amazonaws.com": {rows.MEMBER: NOW}}
    for records, free in (
        (world(), ANY_MEMBER),
        (world(delegated_administrators=delegated), ANY_MEMBER | DELEGATED_READ),
    ):
        for access in needed(operation, request_, rows.MEMBER, records):
            judged = access.resource_account, access.resource_policy
            if operation in DELEGABLE and operation not in free:
                assert judged == (rows.MANAGEMENT, DELEGATION)
            else:
                assert judged == (rows.MEMBER, None)


@pytest.mark.parametrize(("operation", "request_", "_expected"), rows.ROWS, ids=[row[0] for row in rows.ROWS])
def test_outside_of_any_organization(operation: str, request_: Mapping[str, Any], _expected: object) -> None:
    """Who is in no organization is judged by its own policies; the operation says the rest."""
    for access in needed(operation, request_, "999988887777", world()):
        assert (access.resource_account, access.resource_policy) == ("999988887777", None)
