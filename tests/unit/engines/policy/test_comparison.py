"""What a new version of a policy allows, each case with what must be shown or said."""

import pytest

from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy import combinations as combinations_module
from masugata.engines.policy.comparison import Universe, compare
from masugata.engines.policy.languages import Letter, Sign, distinguished
from policies import allow, deny, document

IDENTITY, SCP, RESOURCE, TRUST = PolicyType.IDENTITY, PolicyType.SCP, PolicyType.RESOURCE, PolicyType.TRUST
ACTIONS = (
    "s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:PassRole", "iam:GetRole", "iam:CreatePolicyVersion",
    "kms:Decrypt", "sts:AssumeRole", "sts:GetCallerIdentity",
)  # fmt: skip
SHOP, MENU = "arn:aws:s3:::shop/*", "arn:aws:s3:::shop/menu"
HOME = "arn:aws:s3:::home/${aws:username}/*"
EU = {"aws:RequestedRegion": "eu-central-1"}
HERE, THERE = "111122223333", "444455556666"


def compiled(type_, *statements):
    """One policy of these statements."""
    return PolicySet(type_, [compile_policy(document(*statements), type_, "p")])


def compared(old, new, type_=IDENTITY, **universe):
    """The comparison of two lists of statements."""
    return compare(compiled(type_, *old), compiled(type_, *new), Universe(ACTIONS, **universe))


def new_actions(found):
    """All actions that are newly allowed."""
    assert not found.unknown
    return sorted(action for one in found.permissions for action in one.actions)


def by(principal, *actions, **condition):
    """An Allow of a trust policy."""
    return {k: v for k, v in allow(list(actions), **condition).items() if k != "Resource"} | {
        "Principal": principal
    }


NOTHING_NEW = {
    "the same": ([allow("s3:*", SHOP)], [allow("s3:*", SHOP)]),
    "fewer actions": ([allow("s3:*", SHOP)], [allow("s3:Get*", SHOP)]),
    "narrower resource": ([allow("s3:*", SHOP)], [allow("s3:*", MENU)]),
    "narrower pattern": ([allow("s3:*", "arn:aws:s3:::*")], [allow("s3:*", "arn:aws:s3:::s?op/*")]),
    "one more condition": ([allow("s3:*")], [allow("s3:*", StringEquals=EU)]),
    "spelled out": ([allow("s3:*")], [allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"])]),
    "a Deny more": ([allow("*")], [allow("*"), deny("iam:*")]),
    "narrower range": (
        [allow("s3:*", IpAddress={"aws:SourceIp": "10.0.0.0/8"})],
        [allow("s3:*", IpAddress={"aws:SourceIp": ["10.1.0.0/16", "10.2.0.1"]})],
    ),
    "narrower number": (
        [allow("s3:*", NumericLessThan={"s3:max-keys": "10"})],
        [allow("s3:*", NumericLessThanEquals={"s3:max-keys": "9"})],
    ),
    "the same variable": ([allow("s3:*", HOME)], [allow("s3:*", HOME), deny("s3:Put*", SHOP)]),
    "a variable within": ([allow("s3:*", "arn:aws:s3:::home/*")], [allow("s3:*", HOME)]),
    "always allowed": ([], [allow("sts:GetCallerIdentity")]),
    "never allowed": ([], [allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/ReadOnlyAccess")]),
    "unreadable": ([], [allow("s3:*", Sounds={"aws:SourceIp": "x"})]),
    "case of keys": (
        [allow("s3:*", StringEquals=EU)],
        [allow("s3:*", StringEquals={"AWS:requestedregion": EU["aws:RequestedRegion"]})],
    ),
}
NOTHING_NEW["NotAction"] = (
    [allow("*"), deny("s3:*")],
    [{key: value for key, value in allow().items() if key != "Action"} | {"NotAction": "s3:*"}],
)


@pytest.mark.parametrize(("old", "new"), NOTHING_NEW.values(), ids=NOTHING_NEW.keys())
def test_nothing_new(old, new):
    """It is told that there is no new permission, not only that none was found."""
    found = compared(old, new)
    assert (found.permissions, found.unknown) == ((), ())


NEW = {
    "action": ([allow("s3:Get*", SHOP)], [allow(["s3:Get*", "s3:Put*"], SHOP)], ["s3:PutObject"]),
    "resource": ([allow("s3:Get*", MENU)], [allow("s3:Get*", SHOP)], ["s3:GetObject"]),
    "one letter": (
        [allow("s3:Get*", "arn:aws:s3:::a?c")],
        [allow("s3:Get*", "arn:aws:s3:::a*c")],
        ["s3:GetObject"],
    ),
    "condition gone": ([allow("s3:Get*", StringEquals=EU)], [allow("s3:Get*")], ["s3:GetObject"]),
    "IfExists": (
        [allow("s3:Get*", StringEquals=EU)],
        [allow("s3:Get*", StringEqualsIfExists=EU)],
        ["s3:GetObject"],
    ),
    "wider range": (
        [allow("s3:Get*", IpAddress={"aws:SourceIp": "10.0.0.0/8"})],
        [allow("s3:Get*", IpAddress={"aws:SourceIp": "10.0.0.0/7"})],
        ["s3:GetObject"],
    ),
    "one number": (
        [allow("s3:Get*", NumericLessThan={"s3:max-keys": "10"})],
        [allow("s3:Get*", NumericLessThanEquals={"s3:max-keys": "10"})],
        ["s3:GetObject"],
    ),
    "one second": (
        [allow("s3:Get*", DateLessThan={"aws:CurrentTime": "2026-01-01"})],
        [allow("s3:Get*", DateLessThanEquals={"aws:CurrentTime": "2026-01-01"})],
        ["s3:GetObject"],
    ),
    "Deny gone": ([allow("s3:*"), deny("s3:Put*")], [allow("s3:*")], ["s3:PutObject"]),
    "Deny weaker": (
        [allow("s3:Get*"), deny("*", StringNotEquals=EU)],
        [
            allow("s3:Get*"),
            deny("*", StringNotEqualsIfExists=EU | {"aws:RequestedRegion": ["eu-central-1", "x"]}),
        ],
        ["s3:GetObject"],
    ),
    "other variable": (
        [allow("s3:Get*", HOME)],
        [allow("s3:Get*", HOME.replace("username", "userid"))],
        ["s3:GetObject"],
    ),
    "sets": (
        [allow("s3:Get*", **{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})],
        [allow("s3:Get*", **{"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}})],
        ["s3:GetObject"],
    ),
    "KMS key": ([], [allow("kms:Decrypt", f"arn:aws:kms:eu-west-1:{HERE}:key/1")], ["kms:Decrypt"]),
    "no resource": (
        [allow("s3:List*", "arn:*:*:*:*:*")],
        [allow("s3:List*")],
        ["s3:ListBucket"],
    ),
    "an action that nobody knows": ([], [allow("s3:GetSomethingNew")], ["s3:getsomethingnew"]),
}


@pytest.mark.parametrize(("old", "new", "actions"), NEW.values(), ids=NEW.keys())
def test_new_permissions(old, new, actions):
    """Each is found, with the actions it is about; what it shows was decided by the engine."""
    found = compared(old, new)
    assert new_actions(found) == actions
    assert all(one.new.allowed and not one.old.allowed for one in found.permissions)


def test_an_example_is_a_request_just_outside():
    """The address is the first that the old range lacks, and the resource one that looks real."""
    found = compared(
        [allow("s3:Get*", IpAddress={"aws:SourceIp": "10.0.0.0/9"})],
        [allow("s3:Get*", IpAddress={"aws:SourceIp": "10.0.0.0/8"})],
        examples=lambda _: [MENU],
    )
    (one,) = found.permissions
    assert (one.request.resource, one.request.context) == (MENU, {"aws:SourceIp": "10.128.0.0"})


def test_service_control_policies():
    """What an SCP lets pass counts as a permission, whatever grants it."""
    assert new_actions(compared([allow("s3:*")], [allow("*")], SCP)) == [
        "iam:CreatePolicyVersion", "iam:GetRole", "iam:PassRole", "kms:Decrypt", "sts:AssumeRole",
    ]  # fmt: skip
    assert compared([allow("*")], [allow("*"), deny("s3:*")], SCP).permissions == ()


def test_trust_policies():
    """A principal more is a new permission; one that the account's name covers already is not."""
    cook = f"arn:aws:iam::{HERE}:role/cook"
    stranger = by({"AWS": f"arn:aws:iam::{THERE}:role/x"}, "sts:AssumeRole")
    own = by({"AWS": HERE}, "sts:AssumeRole")
    found = compared([own], [own, stranger], TRUST)
    assert new_actions(found) == ["sts:AssumeRole"]
    assert found.permissions[0].request.principal.issuer_arn == f"arn:aws:iam::{THERE}:role/x"
    # Whom the trust policy names needs no identity policy, within the account: that is new, too.
    found = compared([own], [own, by({"AWS": cook}, "sts:AssumeRole")], TRUST)
    assert [one.others for one in found.permissions] == ["identity policies allow nothing"]
    service = by({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole")
    assert compared([service], [service], TRUST).permissions == ()


def test_resource_policies():
    """A Deny that is gone frees whom identity policies allow; whose the resource is may be known."""
    everyone, secure = {"Principal": "*"}, {"Bool": {"aws:SecureTransport": "false"}}
    old = [{**deny("s3:*"), **everyone, "Condition": secure}]
    assert new_actions(compared(old, [], RESOURCE)) == ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    grant = [{**allow("s3:Get*"), "Principal": {"AWS": f"arn:aws:iam::{THERE}:root"}}]
    assert new_actions(compared([], grant, RESOURCE, accounts=[HERE])) == ["s3:GetObject"]
    assert compared([], grant, RESOURCE, accounts=[THERE]).permissions == ()


UNKNOWN = {
    "a variable that may be anything": (
        [allow("s3:Get*", HOME)],
        [
            allow("s3:Get*", HOME, StringEquals={"aws:username": "bob"}),
            allow("s3:Get*", "arn:aws:s3:::home/bob/x", StringEquals={"aws:username": "bob"}),
        ],
        "policy variables in Resource",
    ),
    "a key that is a number and a text": (
        [allow("s3:Get*", NumericLessThan={"s3:max-keys": "30"})],
        [
            allow(
                "s3:Get*",
                StringLike={"s3:max-keys": "2?"},
                NumericLessThan={"s3:max-keys": "100"},
                NumericGreaterThan={"s3:max-keys": "-1"},
            )
        ],
        "`s3:max-keys` is tested in too many ways",
    ),
}


@pytest.mark.parametrize(("old", "new", "reason"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_known_is_said(old, new, reason):
    """Where nothing can be told, nothing is called unchanged."""
    found = compared(old, new)
    assert found.permissions == ()
    assert reason in found.unknown


def test_too_many_combinations_are_said(monkeypatch):
    """A bound that is hit is told, with the keys."""
    monkeypatch.setattr(combinations_module, "_MOST", 3)
    tests = {"aws:SourceIp": "10.0.0.0/8"}
    found = compared([allow("s3:Get*")], [allow("s3:Get*", IpAddress=tests)])
    assert found.unknown == ("too many combinations of values of the condition keys `aws:sourceip`",)


def test_types_must_be_the_same():
    """An SCP cannot be compared with an identity policy."""
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(compiled(IDENTITY), compiled(SCP), Universe(ACTIONS))


def test_a_bounded_search_says_that_it_is_not_complete():
    """Twenty stars with letters between them have more combinations than are looked at."""
    patterns = [(Sign.STAR, Letter(letter), Sign.STAR) for letter in "abcdefghijklmnopqrst"]
    found = distinguished(patterns, texts=100)
    assert (len(found.texts), found.complete) == (100, False)
    assert not distinguished(patterns, states=50).complete


def test_what_did_not_change_needs_no_search():
    """Patterns that overlap beyond all bounds are unknown only for the actions whose statements changed."""
    tangle = allow("s3:*", [f"arn:aws:s3:::*{letter}*" for letter in "abcdefghijklmnopqrst"])
    assert compared([tangle], [tangle], IDENTITY) == compared([], [])
    found = compared([tangle], [tangle, allow("iam:GetRole")])
    assert new_actions(found) == ["iam:GetRole"]
    found = compared([tangle], [{**tangle, "Resource": tangle["Resource"][1:]}])
    assert found.unknown == ("too many resource patterns overlap in statements about s3",)
