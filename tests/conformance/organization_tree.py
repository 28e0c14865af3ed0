"""What an organization itself holds: units, tags, trusted services, delegates, the delegation policy."""

import json
from typing import Any

from conformance.inspector import Inspector
from organizations import open_account

MANAGEMENT, DELEGATE = "444455556666", "555566667777"
SERVICES = ("cloudtrail.amazonaws.com", "config.amazonaws.com", "health.amazonaws.com")
TAGS = [{"Key": key, "Value": "red"} for key in ("Shop", "Team", "Zone")]


def organization_tree(inspector: Inspector) -> None:
    """An organization of two accounts, from its first unit to its deletion."""
    client = inspector.client("organizations", open_account(inspector.house, MANAGEMENT))
    delegate = inspector.client("organizations", open_account(inspector.house, DELEGATE))
    client.create_organization()
    invited = client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": DELEGATE})
    delegate.accept_handshake(HandshakeId=invited["Handshake"]["Id"])
    _units(client)
    _services(client)
    _delegation(client, delegate)
    delegate.leave_organization()
    client.delete_organization()


def _units(client: Any) -> None:
    root = client.list_roots()["Roots"][0]["Id"]
    made = [
        client.create_organizational_unit(ParentId=root, Name=name, Tags=TAGS)["OrganizationalUnit"]
        for name in ("shops", "bakeries", "offices")
    ]
    unit = made[0]["Id"]
    client.update_organizational_unit(OrganizationalUnitId=unit, Name="cafes")
    client.describe_organizational_unit(OrganizationalUnitId=unit)
    _page_by_page(client, "list_organizational_units_for_parent", 3, ParentId=root)
    _page_by_page(client, "list_children", 3, ParentId=root, ChildType="ORGANIZATIONAL_UNIT")
    _page_by_page(client, "list_children", 2, ParentId=root, ChildType="ACCOUNT")
    _page_by_page(client, "list_parents", 1, ChildId=unit)
    client.tag_resource(ResourceId=unit, Tags=[{"Key": "Area", "Value": ""}])
    client.untag_resource(ResourceId=unit, TagKeys=["Area"])
    tagged = client.get_paginator("list_tags_for_resource").paginate(ResourceId=unit)
    assert [tag for page in tagged for tag in page["Tags"]] == TAGS
    client.delete_organizational_unit(OrganizationalUnitId=unit)


def _services(client: Any) -> None:
    for service in SERVICES:
        client.enable_aws_service_access(ServicePrincipal=service)
        client.register_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=service)
    _page_by_page(client, "list_aws_service_access_for_organization", 3)
    _page_by_page(client, "list_delegated_services_for_account", 3, AccountId=DELEGATE)
    _page_by_page(client, "list_delegated_administrators", 1)
    for service in SERVICES:
        client.deregister_delegated_administrator(AccountId=DELEGATE, ServicePrincipal=service)
        client.disable_aws_service_access(ServicePrincipal=service)


def _delegation(client: Any, delegate: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": DELEGATE},
        "Action": "organizations:DescribeResourcePolicy",
        "Resource": "*",
    }
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = client.put_resource_policy(Content=content, Tags=TAGS)["ResourcePolicy"]
    assert delegate.describe_resource_policy()["ResourcePolicy"] == made
    client.delete_resource_policy()


def _page_by_page(client: Any, operation: str, count: int, **request: Any) -> None:
    """Pages of one item hold what one large page does, which are so many."""
    paginator = client.get_paginator(operation)
    whole = paginator.paginate(**request).build_full_result()
    single = paginator.paginate(**request, PaginationConfig={"PageSize": 1}).build_full_result()
    assert single == whole
    (found,) = whole.values()
    assert len(found) == count
