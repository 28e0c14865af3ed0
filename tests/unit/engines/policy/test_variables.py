"""Policy variables in resources and conditions."""

import pytest

from unit.engines.policy.build import holds, matches


def test_variables_in_condition_values():
    """String, ARN and Bool operators put values in; wildcards beside them keep working."""
    assert holds("StringEquals", "home/${aws:username}", "home/alice", **{"aws:username": "alice"})
    assert holds("StringLike", "home/${aws:username}/*", "home/alice/x", **{"aws:username": "alice"})
    assert holds("Bool", "${x:flag}", "true", **{"x:flag": "TRUE"})
    assert holds(
        "ArnLike",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::1:user/alice",
        **{"aws:username": "alice"},
    )
    assert holds("ArnLike", "arn:${aws:partition}:iam::1:*", "arn:aws:iam::1:x", **{"aws:partition": "aws"})


@pytest.mark.parametrize("operator", ["NumericEquals", "DateEquals", "IpAddress"])
def test_no_variables_in_typed_values(operator):
    """Numbers, dates and addresses take no variables, so such a value cannot be read."""
    value = {"NumericEquals": "1", "DateEquals": "2024-01-01", "IpAddress": "10.0.0.1"}[operator]
    assert not holds(operator, "${x:z}", value, **{"x:z": value})
    assert holds(operator, "${x:z}", value, effect="Deny", **{"x:z": value})


def test_unresolved_variable_in_conditions():
    """A variable without value equals nothing, so negated operators hold."""
    assert not holds("StringEquals", "${aws:username}", "alice")
    assert not holds("StringLike", "${aws:username}*", "alice")
    assert holds("StringNotEquals", "${aws:username}", "alice")
    assert holds("StringNotLike", "${aws:username}*", "alice")


def test_multi_valued_key_is_no_variable():
    """A key with several values cannot be put in; the default is."""
    element = {"Resource": "arn:aws:s3:::b/${x:set}"}
    assert not matches(element, resource="arn:aws:s3:::b/a", context={"x:set": ["a"]})
    element = {"Resource": "arn:aws:s3:::b/${x:set, 'none'}"}
    assert matches(element, resource="arn:aws:s3:::b/none", context={"x:set": ["a"]})


def test_empty_value_is_a_value():
    """An empty tag is put in as it is; the default is for absent keys."""
    element = {"Resource": "arn:aws:s3:::b/${x:tag, 'all'}"}
    assert matches(element, resource="arn:aws:s3:::b/", context={"x:tag": ""})
    assert not matches(element, resource="arn:aws:s3:::b/all", context={"x:tag": ""})


def test_not_resource_with_unresolved_variable():
    """An exception that cannot be resolved lets no Allow match and shields nothing from a Deny."""
    element = {"NotResource": "arn:aws:s3:::b/${aws:username}"}
    assert not matches(element, resource="arn:aws:s3:::other")
    assert matches(element, resource="arn:aws:s3:::b/alice", effect="Deny")


def test_special_characters():
    """`${*}`, `${?}` and `${$}` are the characters themselves."""
    assert holds("StringLike", "${*}${?}${$}*", "*?$x")
    assert not holds("StringLike", "${?}", "x")


def test_malformed_variables_are_text_or_nothing():
    """A `${` that is never closed is text; an odd name is a key that no request has."""
    assert holds("StringEquals", "a${b", "a${b")
    assert not holds("StringEquals", "${x:z,'d'}", "d")
    assert not holds("StringLike", "${}", "")
