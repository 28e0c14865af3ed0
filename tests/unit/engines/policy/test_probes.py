"""Behaviours that other implementations of IAM were found to get wrong."""

from unit.engines.policy.build import holds, matches


def test_negated_operator_with_absent_key():
    """StringNotEquals holds when the request has no such key."""
    assert holds("StringNotEquals", "a")


def test_negated_operator_is_nor_over_values():
    """StringNotEquals with several values fails if any of them is equal."""
    assert not holds("StringNotEquals", ["a", "b"], "a")
    assert holds("StringNotEquals", ["a", "b"], "c")


def test_not_ip_address_with_two_networks():
    """NotIpAddress fails for an address in one of several networks."""
    assert not holds("NotIpAddress", ["10.0.0.0/8", "192.168.0.0/16"], "10.1.1.1")
    assert holds("NotIpAddress", ["10.0.0.0/8", "192.168.0.0/16"], "11.1.1.1")


def test_for_all_values_of_nothing():
    """ForAllValues holds for an absent key, an empty set and a set of empty text."""
    assert holds("ForAllValues:StringEquals", "a")
    assert holds("ForAllValues:StringEquals", "a", [])
    assert holds("ForAllValues:StringEquals", "a", [""])


def test_condition_keys_have_no_case():
    """Key names are compared without case, tag keys included."""
    element = {"Condition": {"StringEquals": {"AWS:principaltag/Team": "red"}}}
    assert matches(element, context={"aws:PrincipalTag/team": "red"})
    assert not matches(element, context={"aws:PrincipalTag/team": "blue"})


def test_arn_equals_takes_wildcards():
    """ArnEquals is ArnLike."""
    assert holds("ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x")
    assert not holds("ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::2:role/x")


def test_epoch_time_is_in_seconds():
    """An ISO date is compared with epoch seconds."""
    element = {"Condition": {"DateGreaterThan": {"aws:EpochTime": "2024-01-01T00:00:00Z"}}}
    assert matches(element, context={"aws:EpochTime": "1767225600"})
    assert not matches(element, context={"aws:EpochTime": "1600000000"})


def test_binary_equals():
    """BinaryEquals compares base64 values."""
    assert holds("BinaryEquals", "QUJD", "QUJD")
    assert not holds("BinaryEquals", "QUJD", "QUJE")


def test_null_with_both_values():
    """Null with a list of true and false holds whether the key is there or not."""
    assert holds("Null", ["true", "false"], "anything")
    assert holds("Null", ["true", "false"])


def test_brackets_are_literal():
    """StringLike knows only `*` and `?`."""
    assert holds("StringLike", "a[bc]*", "a[bc]d")
    assert not holds("StringLike", "a[bc]*", "abx")


def test_for_any_value_if_exists_with_absent_key():
    """IfExists makes ForAnyValue hold for an absent key, which alone it does not."""
    assert holds("ForAnyValue:StringEqualsIfExists", "a")
    assert not holds("ForAnyValue:StringEquals", "a")


def test_star_in_a_variables_value_is_literal():
    """A tag whose value is `*` opens nothing but the resource of that name."""
    element = {"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/x"}
    context = {"aws:PrincipalTag/team": "*"}
    assert not matches(element, resource="arn:aws:s3:::b/other/x", context=context)
    assert matches(element, resource="arn:aws:s3:::b/*/x", context=context)


def test_default_of_an_absent_variable():
    """A variable without value takes its default, and its value where it has one."""
    element = {"Resource": "arn:aws:s3:::b-${aws:PrincipalTag/team, 'all'}"}
    assert matches(element, resource="arn:aws:s3:::b-all")
    assert not matches(element, resource="arn:aws:s3:::b-all", context={"aws:PrincipalTag/team": "red"})


def test_absent_variable_matches_nothing():
    """A variable without value and default is not the empty text."""
    element = {"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}*"}
    assert not matches(element, resource="arn:aws:s3:::b/secret")


def test_literal_star():
    """`${*}` is a star that stands for itself."""
    element = {"Resource": "arn:aws:s3:::b/${*}"}
    assert matches(element, resource="arn:aws:s3:::b/*")
    assert not matches(element, resource="arn:aws:s3:::b/k")


def test_brackets_in_resources_are_literal():
    """A bucket path with brackets is matched as written."""
    element = {"Resource": "arn:aws:s3:::b/[a]/*"}
    assert matches(element, resource="arn:aws:s3:::b/[a]/k")
    assert not matches(element, resource="arn:aws:s3:::b/a/k")


def test_old_version_has_no_variables():
    """Before version 2012-10-17 `${aws:username}` is text."""
    element = {"Resource": "arn:aws:s3:::b/${aws:username}"}
    for version in ("2008-10-17", "2012-10-17"):
        old = version == "2008-10-17"
        context = {"aws:username": "alice"}
        text = "arn:aws:s3:::b/${aws:username}"
        assert matches(element, resource=text, context=context, version=version) is old
        assert matches(element, resource="arn:aws:s3:::b/alice", context=context, version=version) is not old
