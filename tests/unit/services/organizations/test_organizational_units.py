"""Organizational units, and the walk up and down the tree."""

import pytest

from unit.services.organizations.company import (
    BAKERY,
    DENIED,
    MANAGEMENT,
    SHOP,
    failure,
    invalid,
    violated,
)

NOWHERE = "ou-zzzz-99999999"


def test_a_unit_and_its_path(company):
    """What is made is described with the way down to it, and keeps its id when it is renamed."""
    shops = company.unit("shops")
    made = company.client.create_organizational_unit(ParentId=shops, Name="north")["OrganizationalUnit"]
    assert made["Id"].startswith(f"ou-{company.root.removeprefix('r-')}-")
    assert made["Arn"] == f"arn:aws:organizations::{MANAGEMENT}:ou/{company.id}/{made['Id']}"
    assert made["Path"] == f"{company.id}/{company.root}/{shops}/{made['Id']}/"
    asked = company.client.describe_organizational_unit(OrganizationalUnitId=made["Id"])
    assert asked["OrganizationalUnit"] == made
    renamed = company.client.update_organizational_unit(OrganizationalUnitId=made["Id"], Name="south")
    assert renamed["OrganizationalUnit"] == made | {"Name": "south"}
    assert company.client.update_organizational_unit(OrganizationalUnitId=made["Id"]) is not None
    company.client.delete_organizational_unit(OrganizationalUnitId=made["Id"])
    gone = company.fails("describe_organizational_unit", OrganizationalUnitId=made["Id"])
    assert gone == ("OrganizationalUnitNotFoundException", None)


def test_siblings_have_different_names(company):
    """A name is taken among siblings only, for a new unit and for one that is renamed."""
    shops, bakeries = company.unit("shops"), company.unit("bakeries")
    taken = ("DuplicateOrganizationalUnitException", None)
    assert company.fails("create_organizational_unit", ParentId=company.root, Name="shops") == taken
    renamed = company.fails("update_organizational_unit", OrganizationalUnitId=bakeries, Name="shops")
    assert renamed == taken
    company.client.update_organizational_unit(OrganizationalUnitId=shops, Name="shops")
    company.unit("shops", bakeries)


def test_five_levels(company):
    """A sixth level is refused, at any of several branches."""
    parent = company.root
    for level in range(5):
        parent = company.unit(f"level {level}", parent)
    deepest = violated("OU_DEPTH_LIMIT_EXCEEDED")
    assert company.fails("create_organizational_unit", ParentId=parent, Name="cellar") == deepest
    company.limit({"organizational-unit-levels": 6})
    company.unit("cellar", parent)


def test_the_number_of_units(company):
    """No more units than the limit says, wherever they are."""
    company.limit({"organizational-units": 2})
    company.unit("a", company.unit("b"))
    full = violated("OU_NUMBER_LIMIT_EXCEEDED")
    assert company.fails("create_organizational_unit", ParentId=company.root, Name="c") == full


def test_tags_that_a_tag_policy_refuses(company):
    """A unit is not made with a tag that an enforced tag policy does not allow."""
    content = (
        '{"tags":{"shop":{"tag_key":{"@@assign":"Shop"},"tag_value":{"@@assign":["north"]},'
        '"enforced_for":{"@@assign":["organizations:ou"]}}}}'
    )
    company.client.enable_policy_type(RootId=company.root, PolicyType="TAG_POLICY")
    policy = company.client.create_policy(Name="t", Description="", Type="TAG_POLICY", Content=content)
    company.client.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=company.root)
    request = {"ParentId": company.root, "Name": "x"}
    east = company.fails("create_organizational_unit", **request, Tags=[{"Key": "Shop", "Value": "east"}])
    assert east == violated("TAG_POLICY_VIOLATION")
    company.client.create_organizational_unit(**request, Tags=[{"Key": "Shop", "Value": "north"}])


def test_units_that_are_not_empty(company):
    """A unit with an account or with a unit in it stays."""
    shops = company.unit("shops")
    inner = company.unit("north", shops)
    occupied = ("OrganizationalUnitNotEmptyException", None)
    assert company.fails("delete_organizational_unit", OrganizationalUnitId=shops) == occupied
    company.client.move_account(AccountId=SHOP, SourceParentId=company.root, DestinationParentId=inner)
    assert company.fails("delete_organizational_unit", OrganizationalUnitId=inner) == occupied
    company.client.move_account(AccountId=SHOP, SourceParentId=inner, DestinationParentId=company.root)
    company.client.delete_organizational_unit(OrganizationalUnitId=inner)
    company.client.delete_organizational_unit(OrganizationalUnitId=shops)


def test_what_is_not_there(company):
    """Parents, children and units that do not exist have an error each."""
    parent, unit = ("ParentNotFoundException", None), ("OrganizationalUnitNotFoundException", None)
    assert company.fails("create_organizational_unit", ParentId=NOWHERE, Name="x") == parent
    assert company.fails("create_organizational_unit", ParentId="r-zzzz", Name="x") == parent
    assert company.fails("list_organizational_units_for_parent", ParentId=NOWHERE) == parent
    assert company.fails("list_children", ParentId=NOWHERE, ChildType="ACCOUNT") == parent
    assert company.fails("update_organizational_unit", OrganizationalUnitId=NOWHERE, Name="x") == unit
    assert company.fails("delete_organizational_unit", OrganizationalUnitId=NOWHERE) == unit
    for child in (NOWHERE, "000000000000"):
        assert company.fails("list_parents", ChildId=child) == ("ChildNotFoundException", None)


@pytest.mark.parametrize("name", [" ", "\0", "shops\0"])
def test_names_that_are_none(company, name):
    """Neither a new unit nor an old one gets a name that is blank or has a zero character."""
    shops = company.unit("shops")
    pattern = invalid("INVALID_PATTERN")
    assert company.fails("create_organizational_unit", ParentId=company.root, Name=name) == pattern
    assert company.fails("update_organizational_unit", OrganizationalUnitId=shops, Name=name) == pattern


def test_up_and_down_the_tree(company):
    """Parents and children of both sorts, seen from either end."""
    shops = company.unit("shops")
    company.client.move_account(AccountId=SHOP, SourceParentId=company.root, DestinationParentId=shops)

    def parents(child):
        return company.client.list_parents(ChildId=child)["Parents"]

    def children(parent, child_type):
        found = company.client.list_children(ParentId=parent, ChildType=child_type)["Children"]
        assert {child["Type"] for child in found} <= {child_type}
        return [child["Id"] for child in found]

    assert parents(SHOP) == [{"Id": shops, "Type": "ORGANIZATIONAL_UNIT"}]
    assert parents(shops) == parents(BAKERY) == [{"Id": company.root, "Type": "ROOT"}]
    assert children(company.root, "ACCOUNT") == [MANAGEMENT, BAKERY]
    assert children(company.root, "ORGANIZATIONAL_UNIT") == [shops]
    assert children(shops, "ACCOUNT") == [SHOP]
    assert children(shops, "ORGANIZATIONAL_UNIT") == []
    (listed,) = company.client.list_organizational_units_for_parent(ParentId=company.root)[
        "OrganizationalUnits"
    ]
    assert listed["Name"] == "shops"


def test_pages(company):
    """A listing comes in pages of at most twenty, and its token fits no other listing."""
    units = sorted(company.unit(f"shop {number}") for number in range(23))
    pages = company.client.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=company.root
    )
    found = [[unit["Id"] for unit in page["OrganizationalUnits"]] for page in pages]
    assert [len(page) for page in found] == [20, 3]
    assert sorted(unit for page in found for unit in page) == units
    first = company.client.list_children(ParentId=company.root, ChildType="ACCOUNT", MaxResults=1)
    strange = company.fails("list_roots", NextToken=first["NextToken"])
    assert strange == invalid("INVALID_NEXT_TOKEN")


def test_only_the_management_account_builds(company):
    """A member that is nobody's delegate neither builds nor looks; nor does who is in no organization."""
    member = company.of(SHOP)
    for call in (
        lambda: member.create_organizational_unit(ParentId=company.root, Name="x"),
        lambda: member.list_children(ParentId=company.root, ChildType="ACCOUNT"),
        member.delete_organization,
    ):
        assert failure(call) == DENIED
    outsider = company.of("999900001111")
    assert failure(outsider.list_roots) == ("AWSOrganizationsNotInUseException", None)
