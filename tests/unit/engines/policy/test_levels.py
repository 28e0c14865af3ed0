"""Which levels of an organization have to be asked."""

import pytest

from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy import levels as levels_module
from masugata.engines.policy.levels import Levels, levels
from policies import allow, deny, document


def level(*statements: dict[str, object], type_: PolicyType = PolicyType.SCP) -> PolicySet:
    """One level with one policy."""
    return PolicySet(type_, [compile_policy(document(*statements), type_, "p")])


def test_only_levels_that_may_say_no_are_asked() -> None:
    """Not those that allow the action on everything, to everyone, whatever the circumstances."""
    only_here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    sets = (
        level(allow()),
        level(allow("iam:*"), deny("iam:GetUser")),
        level(allow("iam:*", "arn:aws:iam::*:user/a")),
        level(allow("iam:*", **only_here)),
        level(allow("s3:*")),
    )
    found = Levels(sets)
    assert found.limiting("iam:getuser") == sets[2:]
    assert found.limiting("s3:getobject") == sets[1:4]


@pytest.mark.parametrize(
    ("principal", "asked"), [("*", False), ({"AWS": "*"}, False), ({"AWS": "111122223333"}, True)]
)
def test_a_level_of_rcps_is_asked_unless_everyone_is_allowed(principal: object, asked: bool) -> None:
    """An Allow for somebody says nothing of others."""
    sets = (level(allow() | {"Principal": principal}, type_=PolicyType.RCP),)
    assert bool(Levels(sets).limiting("s3:getobject")) == asked


def test_the_same_sets_are_the_same_levels() -> None:
    """So accounts of one unit share what is remembered; no sets are no levels."""
    sets = (level(allow()), level(allow()))
    found = levels(sets)
    assert found is not None
    assert levels(sets) is found
    assert levels(found) is found
    assert levels(()) is None
    assert list(found.all.policies) == [policy for one in sets for policy in one.policies]


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many actions are asked for."""
    monkeypatch.setattr(levels_module, "_MEMO_LIMIT", 2)
    found = Levels((level(allow("s3:*")),))
    for number in range(5):
        assert len(found.limiting(f"iam:action{number}")) == 1
    assert len(found._limiting) <= 2
