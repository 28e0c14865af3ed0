"""What a principal may do."""

import pytest

from masugata.authorization.reach.compressing import compressed
from masugata.authorization.reach.what_can import what_can
from masugata.engines.policy.matrix import Verdict
from masugata.errors import MasugataError
from unit.authorization.reach.account import ADMINISTRATOR, ARN, ID, allow, deny, role, trust, user, view

ALICE = f"{ARN}:user/alice"


def reach(*statements, action="s3:*", **options):
    """Pattern → (actions, verdict, conditions) of alice's in the only service that is asked about."""
    found = what_can(view(user("alice", *statements)), ALICE, action=action, **options)
    (service,) = found.services or [None]
    reaches = () if service is None else service.reaches
    return {reach.pattern: [tuple(grant) for grant in reach.grants] for reach in reaches}


def test_actions_on_their_patterns():
    """A statement is shown with its own pattern, and not for everything."""
    found = reach(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::shop/*"))
    assert found == {
        "arn:aws:s3:::shop/*": [(("s3:GetObject", "s3:PutObject"), Verdict.CERTAIN, ())],
    }


def test_a_narrow_deny_is_an_exception():
    """What a Deny takes away from a pattern is shown as nothing there."""
    found = reach(allow("s3:GetObject"), deny("*", "arn:aws:s3:::shop/till"), action="s3:GetObject")
    assert found == {"*": [(("s3:GetObject",), Verdict.CERTAIN, ())], "arn:aws:s3:::shop/till": []}


def test_conditions_are_named():
    """What depends on the request says on what."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    found = reach(allow("s3:GetObject", Condition=mfa), action="s3:GetObject")
    conditions = ("Bool aws:MultiFactorAuthPresent true",)
    assert found == {"*": [(("s3:GetObject",), Verdict.POSSIBLE, conditions)]}


def test_only_the_resources_that_are_asked_about():
    """With resources given, nothing else is shown."""
    menu = "arn:aws:s3:::shop/menu"
    found = reach(allow("s3:GetObject", "arn:aws:s3:::shop/*"), arns=[menu])
    assert found == {menu: [(("s3:GetObject",), Verdict.CERTAIN, ())]}


def test_roles_that_may_be_assumed():
    """The trust of roles is known, and so is which may be assumed."""
    found = what_can(
        view(
            user("alice", allow("sts:AssumeRole")),
            role("open", [trust({"AWS": ID})]),
            role("closed", [trust({"Service": "ec2.amazonaws.com"})]),
        ),
        ALICE,
        action="s3:*",
    )
    assert [assumption.role for assumption in found.roles] == [f"{ARN}:role/open"]


def test_an_administrator_may_do_everything():
    """Of each service all actions are allowed, those without resource included."""
    found = what_can(view(user("alice", attached=[ADMINISTRATOR])), ALICE)
    assert len(found.services) > 400
    for service in found.services:
        ((grant,),) = (reach.grants for reach in service.reaches)
        assert sorted(grant.actions) == sorted(service.every)


def test_nobody():
    """A principal that does not exist is said to be missing."""
    with pytest.raises(MasugataError, match="no user, role or root user"):
        what_can(view(user("alice")), f"{ARN}:user/bob")


def test_compressing():
    """Patterns match exactly the actions that they stand for."""
    every = ["s3:GetBucket", "s3:GetObject", "s3:Getaway", "s3:ListBucket", "s3:ListObjects", "s3:PutObject"]
    assert compressed(every, every) == ["s3:*"]
    assert compressed(["s3:ListBucket", "s3:ListObjects"], every) == ["s3:List*"]
    assert compressed(["s3:GetBucket", "s3:GetObject"], every) == ["s3:GetBucket", "s3:GetObject"]
    assert compressed(["s3:PutObject", "s3:ListBucket"], every) == ["s3:ListBucket", "s3:PutObject"]
