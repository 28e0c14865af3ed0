"""Policy sets: the index changes nothing, and what is remembered is bounded."""

import pytest

from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.sets import _MEMO_LIMIT
from unit.engines.policy.build import ALICE, ask, document, identity, policy_set, statement


def test_union_of_policies():
    """A set allows what any of its policies allows, and denies what any denies."""
    found = [
        compile_policy(document(statement(action="s3:Get*")), PolicyType.IDENTITY, "a"),
        compile_policy(
            document(statement(action="ec2:*"), statement("Deny", "s3:GetSecret")), PolicyType.IDENTITY, "b"
        ),
    ]
    both = PolicySet(PolicyType.IDENTITY, found)
    assert ask(both).policy == "a"
    assert ask(both, action="ec2:RunInstances").policy == "b"
    assert ask(both, action="s3:GetSecret").explicit


def test_action_named_twice_in_one_statement():
    """An exact name beside a wildcard of its service is found."""
    assert ask(identity(statement(action=["s3:GetObject", "s3:P*", "sqs:*"]))).allowed


def test_memory_is_bounded():
    """However many actions are asked for, a set remembers a bounded number, and stays right."""
    found = identity(statement(action="s3:*"))
    for number in range(_MEMO_LIMIT + 10):
        assert ask(found, ALICE, f"s3:Get{number}").allowed
    assert len(found._memo) <= _MEMO_LIMIT
    assert not ask(found, ALICE, "ec2:Get1").allowed


def test_mixed_types():
    """Managed policies may be boundaries; a trust policy is no identity policy."""
    managed = compile_policy(document(statement()), PolicyType.IDENTITY, "managed")
    PolicySet(PolicyType.BOUNDARY, [managed])
    with pytest.raises(ValueError, match="managed"):
        PolicySet(PolicyType.RESOURCE, [managed])


def test_empty_set():
    """A set without policies allows nothing."""
    assert not ask(policy_set(PolicyType.IDENTITY)).allowed
    assert not ask(PolicySet(PolicyType.IDENTITY)).allowed
