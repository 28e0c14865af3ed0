"""What binds an account, and that records which contradict each other let nobody through."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from masugata.authorization.guardrails import NO_GUARDRAILS, guardrails, guardrails_told, of_one_organization
from masugata.errors import AwsError
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    SERVICE_CONTROL_POLICY,
    Member,
    OrganizationalUnit,
    OrganizationPolicy,
)
from masugata.store import Transaction
from organizations import organization_record, put_organization
from unit.authorization.world import ACCOUNT_ID, NOW, OTHER_ID, World

STRANGER = "777788889999"
SCP = (SERVICE_CONTROL_POLICY,)


@pytest.fixture
def world() -> World:
    """Two accounts in one organization, the second below a unit; a policy denies it everything."""
    found = World()
    organization = organization_record(NOW, policy_types=SCP)
    found.store.submit(lambda transaction: put_organization(transaction, organization, OTHER_ID)).result()
    put(found, ORGANIZATIONAL_UNIT, OrganizationalUnit(id="ou-exam-00000001", name="shops", parent="r-exam"))
    policy = OrganizationPolicy(
        id="p-deny000000",
        organization=organization.id,
        name="deny",
        type=SERVICE_CONTROL_POLICY,
        content='{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
    )
    put(found, ORGANIZATION_POLICY, policy)
    change(found, parent="ou-exam-00000001", policies={SERVICE_CONTROL_POLICY: (policy.id,)})
    return found


def put(world: World, kind: Any, record: Any) -> None:
    """Store a record of the organization."""
    world.put(kind, record, account=ACCOUNT_ID)


def change(world: World, **fields: Any) -> None:
    """Change the membership of the second account."""
    member = world.records.get(MEMBER, ACCOUNT_ID, OTHER_ID)
    assert isinstance(member, Member)
    put(world, MEMBER, replace(member, **fields))


def test_every_level_binds(world: World) -> None:
    """From the root down: what AWS attaches by itself, and at last the policy of the account."""
    found = guardrails(OTHER_ID, world.records)
    sources = [[policy.source.rpartition("/")[2] for policy in level.policies] for level in found.scp]
    assert sources == [["p-FullAWSAccess"], ["p-FullAWSAccess"], ["p-deny000000"]]
    assert found.path == "o-exampleorgid/r-exam/ou-exam-00000001/"


def test_who_is_in_one_organization(world: World) -> None:
    """Both in the same; an account that is in none is not even with itself."""
    assert of_one_organization(ACCOUNT_ID, OTHER_ID, world.records)
    assert not of_one_organization(ACCOUNT_ID, STRANGER, world.records)
    assert not of_one_organization(STRANGER, STRANGER, world.records)
    assert guardrails(STRANGER, world.records) is NO_GUARDRAILS


def _without_organization(world: World) -> None:
    world.delete(ORGANIZATION, "o-exampleorgid")


def _without_unit(world: World) -> None:
    world.delete(ORGANIZATIONAL_UNIT, "ou-exam-00000001")


def _in_circles(world: World) -> None:
    put(
        world,
        ORGANIZATIONAL_UNIT,
        OrganizationalUnit(id="ou-exam-00000001", name="shops", parent="ou-exam-00000001"),
    )


def _without_policy(world: World) -> None:
    world.delete(ORGANIZATION_POLICY, "p-deny000000")


def _with_a_damaged_policy(world: World) -> None:
    policy = world.records.get(ORGANIZATION_POLICY, ACCOUNT_ID, "p-deny000000")
    assert policy is not None
    put(world, ORGANIZATION_POLICY, replace(policy, content="{"))


DAMAGES = [
    (_without_organization, "o-exampleorgid"),
    (_without_unit, "ou-exam-00000001"),
    (_in_circles, "ou-exam-00000001"),
    (_without_policy, "p-deny000000"),
    (_with_a_damaged_policy, "p-deny000000"),
]


@pytest.mark.parametrize(("damage", "named"), DAMAGES)
def test_records_that_contradict_each_other_deny(world: World, damage: Any, named: str) -> None:
    """The account is denied everything, again and again, and the error names what is missing or wrong."""
    guardrails(OTHER_ID, world.records)
    damage(world)
    for _ in range(2):
        with pytest.raises(AwsError, match=named) as caught:
            guardrails(OTHER_ID, world.records)
        assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)


@pytest.mark.parametrize(("damage", "named"), DAMAGES)
def test_strangers_learn_nothing_of_a_broken_organization(world: World, damage: Any, named: str) -> None:
    """Who asks from the same organization is told what is wrong; anybody else that something is."""
    damage(world)
    with pytest.raises(AwsError, match=named):
        guardrails_told(ACCOUNT_ID, OTHER_ID, world.records)
    for stranger in (STRANGER, ""):
        with pytest.raises(AwsError, match=f"{OTHER_ID} is denied everything") as caught:
            guardrails_told(stranger, OTHER_ID, world.records)
        assert re.search(r"\b(?:o|r|ou|p)-", caught.value.message) is None


def test_a_transaction_sees_its_own_changes(world: World) -> None:
    """What was found before a change inside a transaction does not answer for after it, nor the reverse."""
    before = world.records

    def move(transaction: Transaction) -> None:
        assert len(guardrails(OTHER_ID, transaction).scp) == 3
        member = transaction.get(MEMBER, ACCOUNT_ID, OTHER_ID)
        assert member is not None
        transaction.put(MEMBER, ACCOUNT_ID, replace(member, parent="r-exam"))
        assert len(guardrails(OTHER_ID, transaction).scp) == 2
        assert len(guardrails(OTHER_ID, before).scp) == 3
        assert len(guardrails(OTHER_ID, transaction).scp) == 2

    world.store.submit(move).result()
    assert len(guardrails(OTHER_ID, world.records).scp) == 2
    assert len(guardrails(OTHER_ID, before).scp) == 3
