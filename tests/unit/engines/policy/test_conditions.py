"""Condition operators: what each compares, and what happens where it cannot."""

import pytest

from unit.engines.policy.build import holds, matches

USER = "arn:aws:iam::111122223333:user/alice"

TABLE = [
    ("StringEquals", "a*", "a*", True),
    ("StringEquals", "a*", "ab", False),
    ("StringEquals", "A", "a", False),
    ("StringEqualsIgnoreCase", "A", "a", True),
    ("StringNotEqualsIgnoreCase", "A", "a", False),
    ("StringLike", "a?c*", "abcdef", True),
    ("StringLike", "A*", "abc", False),
    ("StringNotLike", "a*", "abc", False),
    ("NumericEquals", "10", "10.0", True),
    ("NumericNotEquals", "10", "10.0", False),
    ("NumericLessThan", "10", "9.99", True),
    ("NumericLessThan", "9007199254740993", "9007199254740992", True),
    ("NumericLessThanEquals", "10", "10", True),
    ("NumericGreaterThan", "-2", "-1.5", True),
    ("NumericGreaterThanEquals", "10", "9", False),
    ("DateEquals", "2024-01-01", "2024-01-01T09:00:00+09:00", True),
    ("DateEquals", "2024-01", "1704067200", True),
    ("DateNotEquals", "2024-01-01", "2024-01-01T00:00:00Z", False),
    ("DateLessThan", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00Z", True),
    ("DateLessThanEquals", "2024-01-01", "2024-01-01T00:00:01Z", False),
    ("DateGreaterThan", "2024-01-01", "2024-01-01", False),
    ("DateGreaterThanEquals", "2024-02-29", "2024-02-29T12:00Z", True),
    ("Bool", "true", "TRUE", True),
    ("Bool", "false", "true", False),
    ("BinaryEquals", "QUI=", "QUI=", True),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
    ("IpAddress", "203.0.113.7", "203.0.113.9", False),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8:1::1", True),
    ("IpAddress", "::/0", "10.0.0.1", False),
    ("NotIpAddress", "2001:db8::/32", "10.0.0.1", True),
    ("ArnLike", "arn:aws:iam::*:user/*", USER, True),
    ("ArnLike", "arn:aws:iam::*:role/*", USER, False),
    ("ArnLike", "arn:aws:*:*:*:alice", USER, False),
    ("ArnNotLike", "arn:aws:iam::*:user/*", USER, False),
    ("ArnNotEquals", "arn:aws:iam::*:role/*", USER, True),
    ("StringEqualsIfExists", "a", "b", False),
    ("stringequals", "a", "a", True),
]


@pytest.mark.parametrize(("operator", "policy_value", "request_value", "expected"), TABLE)
def test_comparison(operator, policy_value, request_value, expected):
    """Each operator compares as AWS documents it, for Allow and for Deny alike."""
    assert holds(operator, policy_value, request_value) is expected
    assert holds(operator, policy_value, request_value, effect="Deny") is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("ArnNotLike", True),
        ("NumericNotEquals", True),
        ("DateNotEquals", True),
        ("NotIpAddress", True),
        ("Bool", False),
        ("BoolIfExists", True),
        ("NumericLessThanIfExists", True),
        ("ForAllValues:StringLike", True),
        ("ForAnyValue:StringLike", False),
        ("ForAnyValue:StringNotLike", False),
    ],
)
def test_absent_key(operator, expected):
    """Without the key positive operators fail, negated ones hold, IfExists holds."""
    assert holds(
        operator, "10.0.0.0/8" if "Ip" in operator else "arn:aws:s3:::b" if "Arn" in operator else "1"
    ) is (expected)


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringEqualsIfExists"])
def test_several_values_need_a_set_operator(operator):
    """A key with several values matches no operator without set prefix, not even a negated one."""
    assert not holds(operator, "a", ["a", "b"])
    assert not holds(operator, "c", ["a", "b"])


def test_set_operators():
    """ForAllValues asks every value, ForAnyValue one, also of negated operators."""
    assert holds("ForAllValues:StringEquals", ["a", "b", "c"], ["a", "b"])
    assert not holds("ForAllValues:StringEquals", ["a", "b"], ["a", "c"])
    assert holds("ForAnyValue:StringEquals", ["a", "b"], ["a", "c"])
    assert not holds("ForAnyValue:StringEquals", ["a", "b"], ["c"])
    assert not holds("ForAllValues:StringNotEquals", ["a"], ["a", "b"])
    assert holds("ForAnyValue:StringNotEquals", ["a"], ["a", "b"])
    assert not holds("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"])


def test_operators_and_keys_are_anded():
    """Every operator and every key must hold, one value of each is enough."""
    element = {
        "Condition": {
            "StringEquals": {"x:a": ["1", "2"], "x:b": "3"},
            "NumericLessThan": {"x:c": "10"},
        }
    }
    good = {"x:a": "2", "x:b": "3", "x:c": "9"}
    assert matches(element, context=good)
    for key in good:
        assert not matches(element, context=good | {key: "10"})


def test_null():
    """Null asks whether the key is there; an empty set is not."""
    assert holds("Null", "true")
    assert not holds("Null", "true", "a")
    assert holds("Null", "false", "a")
    assert not holds("Null", "false", [])
    assert matches({"Condition": {"Null": {"x:y": True}}})


CANNOT = [
    ("StringEqual", "a", "a"),
    ("ForSomeValues:StringEquals", "a", "a"),
    (":StringEquals", "a", "a"),
    ("NullIfExists", "true", "a"),
    ("Null", "perhaps", "a"),
    ("StringEquals", [], "a"),
    ("StringNotEquals", [], "a"),
    ("NumericEquals", "ten", "10"),
    ("NumericNotEquals", "ten", "10"),
    ("NumericEquals", "10", "ten"),
    ("NumericNotEquals", "10", "ten"),
    ("NumericEquals", "1e3", "1000"),
    ("DateLessThan", "tomorrow", "2024-01-01"),
    ("DateNotEquals", "2024-01-01", "20240101T000000Z"),
    ("DateEquals", "2024-02-30", "2024-02-30"),
    ("Bool", "yes", "true"),
    ("Bool", "true", "yes"),
    ("BinaryEquals", "QU", "QU"),
    ("IpAddress", "10.0.0.0/33", "10.0.0.1"),
    ("IpAddress", "10.0.0.0/255.0.0.0", "10.0.0.1"),
    ("NotIpAddress", "10.0.0.0/8", "example.com"),
    ("ArnLike", "arn:aws:s3", "arn:aws:s3:::b"),
    ("ArnLike", "arn:aws:iam::*", USER),
    ("ArnNotLike", "arn:aws:s3:::b", "b"),
    ("ForAllValues:NumericEquals", ["10"], ["10", "ten"]),
]


@pytest.mark.parametrize(("operator", "policy_value", "request_value"), CANNOT)
def test_comparison_that_cannot_be_made(operator, policy_value, request_value):
    """What cannot be compared lets no Allow match and keeps no Deny from matching."""
    assert not holds(operator, policy_value, request_value)
    assert holds(operator, policy_value, request_value, effect="Deny")


def test_json_booleans_and_numbers_are_their_text():
    """Policies may write true and 10 without quotes; numbers keep their spelling."""
    assert matches({"Condition": {"Bool": {"x:y": True}}}, context={"x:y": "true"})
    assert matches({"Condition": {"NumericEquals": {"x:y": [10]}}}, context={"x:y": "10"})
    assert matches({"Condition": {"StringEquals": {"x:y": 1.50}}}, context={"x:y": "1.5"})


def test_keys_that_differ_in_case_are_one_key_with_two_values():
    """Tags `Team` and `team` in one request are a set, which needs a set operator."""
    context = {"aws:RequestTag/Team": "red", "aws:RequestTag/team": "blue"}
    element = {"Condition": {"StringEquals": {"aws:RequestTag/team": "red"}}}
    assert not matches(element, context=context)
    element = {"Condition": {"ForAnyValue:StringEquals": {"aws:RequestTag/team": "red"}}}
    assert matches(element, context=context)


def test_context_values_must_be_text():
    """A context value that is neither text nor a sequence of texts is the caller's error, and named."""
    with pytest.raises(TypeError, match="x:y"):
        matches({}, context={"x:y": [1]})
