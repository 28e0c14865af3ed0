"""Policy sets: the index changes nothing, and what is remembered is bounded."""

import pytest

from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.arns import Target
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


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_statements_about_other_resources_are_not_asked(effect):
    """Of a thousand statements about one action only those are asked that begin as the request's."""
    many = [statement(effect, resource=f"arn:aws:s3:*:*:shop-{n:04}/*") for n in range(1000)]
    found = policy_set(PolicyType.IDENTITY, *many)
    candidates = found._speaking_of("s3:getobject")[effect == "Allow"]
    assert [s.index for s in candidates.near(Target("arn:aws:s3:::shop-0123/menu"))] == [123]
    assert [s.index for s in candidates.near(Target("arn:aws:s3:::shop/menu"))] == []
    assert len(candidates.near(Target("nonsense"))) == 1000


def test_stars_that_run_on_are_asked_wherever_they_may_reach():
    """A Deny whose star may run on past a colon is asked for every resource that has one."""
    many = [statement("Deny", resource=f"arn:aws:s3:*:*:shop-{n:04}/*") for n in range(20)]
    candidates = policy_set(PolicyType.IDENTITY, *many)._speaking_of("s3:getobject")[0]
    assert len(candidates.near(Target("arn:aws:s3:::other:shop-0003/a"))) == 20
