"""Which policies apply to a caller, and what becomes of those that are missing."""

from typing import Any

import msgspec
import pytest

from masugata.authorization.policies import CallerPolicies, caller_policies, trust_policy_set
from masugata.engines.policy import PolicySet, PolicyType
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.iam import GROUP, MANAGED_POLICY, ROLE, USER
from policies import allow, deny, document
from unit.authorization.world import ACCOUNT_ID, ALICE, BOUNDARY, IAM, World, managed

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BREAD = f"{IAM}policy/kitchen/Bread"
ANY = document(allow())


@pytest.fixture
def world() -> World:
    """A world of the test's own."""
    return World()


def names(policies: PolicySet | None) -> list[str] | None:
    """The policies of a set by their shown names; None for no limit."""
    return None if policies is None else [policy.source for policy in policies.policies]


def applying(world: World, caller: Caller) -> tuple[list[str] | None, ...]:
    """The names of the identity, boundary and session policies."""
    found: CallerPolicies = caller_policies(caller, world.records)
    return tuple(names(policies) for policies in found)


def refusal(world: World, caller: Caller) -> str:
    """The message with which every call of this caller is denied."""
    with pytest.raises(AwsError) as caught:
        caller_policies(caller, world.records)
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    return caught.value.message


def test_user_and_groups(world: World) -> None:
    """A user has its own inline and managed policies and those of its groups, and no limits unless given."""
    world.change_user(inline_policies={"own": ANY}, attached_policies=(READ_ONLY,))
    world.change_group(inline_policies={"ours": ANY}, attached_policies=(BREAD,))
    user = [f"inline policy own of {IAM}user/staff/alice", READ_ONLY]
    assert applying(world, world.alice()) == (user, None, None)
    world.change_user(groups=(world.group.id,), boundary=BOUNDARY)
    group = [f"inline policy ours of {IAM}group/kitchen/bakers", BREAD]
    assert applying(world, world.alice()) == (user + group, [BOUNDARY], None)


def test_user_without_policies(world: World) -> None:
    """Nothing attached is an empty set, which allows nothing."""
    assert applying(world, world.alice()) == ([], None, None)


def test_session_token_has_its_users(world: World) -> None:
    """A GetSessionToken session has the user's policies and boundary, no more and no less."""
    world.change_user(attached_policies=(READ_ONLY,), boundary=BOUNDARY)
    assert applying(world, world.caller(CallerKind.USER, ALICE)) == ([READ_ONLY], [BOUNDARY], None)


def test_role(world: World) -> None:
    """A role session has the role's policies and boundary."""
    world.change_role(attached_policies=(BREAD,), inline_policies={"own": ANY}, boundary=BOUNDARY)
    own = f"inline policy own of {IAM}role/kitchen/Cook"
    assert applying(world, world.cook()) == ([own, BREAD], [BOUNDARY], None)


def test_session_policies(world: World) -> None:
    """Session policies are a limit of their own: the inline one and the managed ones together."""
    caller = world.cook(policies=(ANY,), policy_arns=(READ_ONLY, BREAD))
    assert applying(world, caller) == ([], None, ["session policy", READ_ONLY, BREAD])


def test_federated_user(world: World) -> None:
    """A federated user is within its user's policies and limits; without session policies, in nothing."""
    world.change_user(attached_policies=(READ_ONLY,), boundary=BOUNDARY)
    assert applying(world, world.federated()) == ([READ_ONLY], [BOUNDARY], [])
    limited = world.federated(policy_arns=(BREAD,))
    assert applying(world, limited) == ([READ_ONLY], [BOUNDARY], [BREAD])


def test_federated_user_of_root(world: World) -> None:
    """Root's federated user is limited by its session policies alone."""
    assert applying(world, world.federated(ACCOUNT_ID)) == (["root user"], None, [])
    limited = world.federated(ACCOUNT_ID, policies=(ANY,))
    assert applying(world, limited) == (["root user"], None, ["session policy"])


def test_root(world: World) -> None:
    """The root user has no policies; the engine allows it."""
    assert applying(world, world.root()) == ([], None, None)


@pytest.mark.parametrize("arn", [BREAD.lower(), f"{IAM}policy/Bread", BREAD.replace("1111", "9999")])
def test_other_spelling_is_another_policy(world: World, arn: str) -> None:
    """An attached ARN is found exactly or not at all."""
    world.change_user(attached_policies=(arn,))
    assert arn in refusal(world, world.alice())


@pytest.mark.parametrize(
    ("field", "value"), [("attached_policies", (BREAD,)), ("boundary", BREAD)], ids=["attached", "boundary"]
)
def test_missing_policy_denies(world: World, field: str, value: Any) -> None:
    """A policy that is gone denies all calls of its user, role and members, and is named."""
    change = {field: value}
    world.change_user(**change)
    world.change_role(**change)
    world.delete(MANAGED_POLICY, "bread")
    for caller in (world.alice(), world.cook(), world.federated()):
        assert refusal(world, caller).endswith(f"its policy {BREAD} does not exist any more")


def test_missing_policy_of_a_group_denies(world: World) -> None:
    """A group's policy that is gone denies its members."""
    world.change_group(attached_policies=(BREAD,))
    world.change_user(groups=(world.group.id,))
    world.delete(MANAGED_POLICY, "bread")
    assert BREAD in refusal(world, world.alice())


def test_missing_session_policy_denies(world: World) -> None:
    """A managed session policy that was deleted while the session lasts leaves no session without limits."""
    caller = world.cook(policy_arns=(BREAD,))
    world.delete(MANAGED_POLICY, "bread")
    assert BREAD in refusal(world, caller)


def test_missing_group_denies(world: World) -> None:
    """A group that is gone may have denied something, so its members are denied."""
    world.change_user(groups=(world.group.id,))
    world.delete(GROUP, "bakers")
    assert world.group.id in refusal(world, world.alice())


def test_recreated_group_gives_nothing(world: World) -> None:
    """Membership is in the group, not in its name."""
    world.delete(GROUP, "bakers")
    namesake = msgspec.structs.replace(world.group, id="AGPANEW", inline_policies={"p": ANY})
    world.put(GROUP, namesake)
    assert applying(world, world.alice()) == ([], None, None)


def test_default_version_counts(world: World) -> None:
    """The default version is in force, and a change of it binds at once."""
    target = f"{IAM}policy/V"
    world.change_user(attached_policies=(target,))
    effects = {}
    for default in (1, 2, 1):
        world.put(MANAGED_POLICY, managed("V", document(allow()), document(deny()), default=default))
        identity = caller_policies(world.alice(), world.records)[0]
        assert identity is not None
        effects[default] = [statement.allow for statement in identity.policies[0].statements]
    assert effects == {1: [True], 2: [False]}


@pytest.mark.parametrize(("kind", "key"), [(USER, "alice"), (ROLE, "cook")])
def test_principal_that_is_gone_has_nothing(world: World, kind: Any, key: str) -> None:
    """Even if a caller outlived its user or role, no policy would speak for it."""
    world.change_user(attached_policies=(READ_ONLY,))
    world.change_role(attached_policies=(READ_ONLY,))
    caller = world.alice() if kind is USER else world.cook()
    world.delete(kind, key)
    assert applying(world, caller) == ([], None, None)


def test_trust_policy_of_no_role(world: World) -> None:
    """The empty text, for a role that does not exist, is a trust policy without statements."""
    missing = trust_policy_set("arn:aws:iam::111122223333:role/x", "")
    assert missing.type is PolicyType.TRUST
    assert [len(policy.statements) for policy in missing.policies] == [0]
    real = trust_policy_set("arn:aws:iam::111122223333:role/x", world.role.trust_policy)
    assert names(real) == ["trust policy of arn:aws:iam::111122223333:role/x"]
