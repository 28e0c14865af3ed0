"""Resource and NotResource."""

import pytest

from masugata.engines.policy import Policies, PolicyType
from unit.engines.policy.build import ACCOUNT, ALICE, OBJECT, ask, identity, matches, policy_set, statement

TABLE = [
    ("*", OBJECT, True),
    ("arn:aws:s3:::shop/menu", OBJECT, True),
    ("arn:aws:s3:::shop/Menu", OBJECT, False),
    ("arn:AWS:S3:::shop/menu", OBJECT, True),
    ("arn:aws:s3:::shop/menu", "arn:AWS:S3:::shop/menu", True),
    ("arn:*:s3:::shop/menu", "arn:aws:S3:::shop/menu", True),
    ("arn:aws:s3:::shop/m?nu", OBJECT, True),
    ("arn:aws:s3:::*", OBJECT, True),
    ("arn:aws:s3:::shop*menu", "arn:aws:s3:::shop/a/b:c/menu", True),
    ("arn:aws:ec2:*:1:instance/*", "arn:aws:ec2:us-east-1:1:instance/i", True),
    ("arn:aws:ec2:us-*-1:1:*", "arn:aws:ec2:us-east-1:1:instance/i", True),
    ("arn:aws:ec2:us-*:1:*", "arn:aws:ec2:eu-west-1:1:instance/us-1", False),
    ("arn:aws:s3:::shop/menu", "arn:aws-cn:s3:::shop/menu", False),
    ("arn:*:s3:::shop/menu", "arn:aws-cn:s3:::shop/menu", True),
    ("*", "*", True),
    ("arn:aws:s3:::*", "*", False),
    ("arn:*:*:*:*:*", "*", False),
]


@pytest.mark.parametrize(("pattern", "resource", "expected"), TABLE)
def test_resource(pattern, resource, expected):
    """Segments are matched one by one; only `*` matches a request without a resource."""
    assert matches({"Resource": pattern}, resource=resource) is expected
    assert matches({"NotResource": pattern}, resource=resource) is not expected


def test_not_resource_inverts_the_whole_list():
    """NotResource matches what none of its entries matches."""
    element = {"NotResource": ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}
    assert matches(element, resource="arn:aws:s3:::c/k")
    assert not matches(element, resource="arn:aws:s3:::b/k")


UNREADABLE = ["shop/menu", "arn:aws", "arn:aws:s3:${aws:Region}::shop/menu", "ARN:aws:s3:::shop/menu", "**"]


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_unreadable_pattern(pattern):
    """A pattern that cannot be read grants nothing, exempts nothing, and denies."""
    assert not matches({"Resource": pattern})
    assert not matches({"NotResource": pattern})
    assert matches({"Resource": pattern}, effect="Deny")
    assert matches({"NotResource": pattern}, effect="Deny")


def test_request_for_something_that_is_no_arn():
    """A resource that is neither an ARN nor `*` is allowed by `*` alone and denied by every ARN."""
    assert matches({"Resource": "*"}, resource="shop/menu")
    assert not matches({"Resource": "arn:aws:s3:::*"}, resource="shop/menu")
    assert not matches({"NotResource": "arn:aws:s3:::*"}, resource="shop/menu")
    assert matches({"Resource": "arn:aws:s3:::*"}, resource="shop/menu", effect="Deny")


def _decide(type_, element):
    """A decision in which only the set of `type_` matters."""
    tested = {"Effect": "Allow", "Action": "*", **element}
    sets = {"boundary": None, "session": None, "scp": (), "vpce": None}
    if type_ is PolicyType.IDENTITY:
        return ask(identity(tested))
    if type_ is PolicyType.VPCE:
        tested["Principal"] = "*"
    found = policy_set(type_, tested)
    sets[type_.value] = (found,) if type_ is PolicyType.SCP else found
    return ask(Policies(identity(statement()), **sets))


@pytest.mark.parametrize(
    ("type_", "plain", "starred"),
    [
        (PolicyType.IDENTITY, True, True),
        (PolicyType.BOUNDARY, True, True),
        (PolicyType.SESSION, True, True),
        (PolicyType.SCP, False, True),
        (PolicyType.VPCE, False, True),
    ],
)
def test_short_arns(type_, plain, starred):
    """ARNs of fewer than six segments are completed with `*` where their policy type takes them."""
    assert _decide(type_, {"Resource": "arn:aws:s3"}).allowed is plain
    assert _decide(type_, {"Resource": "arn:aws:s3:*"}).allowed is starred
    assert not _decide(type_, {"NotResource": "arn:aws:sqs"}).allowed


def test_short_arn_in_a_deny_of_a_service_control_policy():
    """A short ARN that is not taken still denies."""
    denying = policy_set(PolicyType.SCP, statement(), statement("Deny", resource="arn:aws:s3"))
    decision = ask(Policies(identity(statement()), scp=(denying,)), ALICE, account=ACCOUNT)
    assert (decision.explicit, decision.level) == (True, PolicyType.SCP)


def test_missing_resource():
    """A statement without Resource, which only a trust policy may have, grants nothing and denies."""
    assert not ask(identity(statement(resource=None))).allowed
    assert ask(identity(statement(), statement("Deny", resource=None))).explicit


RUNNING_ON = [
    # pattern, resource, whether a star that runs on past a colon makes it match
    ("arn:aws:dynamodb:*:table/menu-*", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/menu-1", True),
    ("arn:aws:dynamodb:*:table/menu-*", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/shop", False),
    ("arn:aws:sns:*:orders", f"arn:aws:sns:eu-west-1:{ACCOUNT}:orders", True),
    (f"arn:aws:logs:*:{ACCOUNT}:x", f"arn:aws:logs:eu-west-1:1:{ACCOUNT}:x", True),
    ("arn:aws:s3:::*:b", "arn:aws:s3:::shop:a:b", None),  # in the resource part a star always does
    ("arn:aws:logs:eu-?:*:x", f"arn:aws:logs:eu-1:{ACCOUNT}:x", None),
]


@pytest.mark.parametrize(("pattern", "resource", "runs_on"), RUNNING_ON)
def test_a_star_that_ends_a_segment_runs_on_where_that_grants_less(pattern, resource, runs_on):
    """Past the colon it goes in a Deny, and in the NotResource of an Allow; an Allow reads it narrowly."""
    narrow, wide = (True, True) if runs_on is None else (False, runs_on)
    assert matches({"Resource": pattern}, resource=resource) is narrow
    assert matches({"Resource": pattern}, resource=resource, effect="Deny") is wide
    short = pattern.count(":") < 5  # which never widens an Allow
    assert matches({"NotResource": pattern}, resource=resource) is not (wide or short)
    assert matches({"NotResource": pattern}, resource=resource, effect="Deny") is (not narrow)
