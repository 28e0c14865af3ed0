"""IP sets and regex pattern sets, as boto3 sees them."""

from typing import Any

import pytest

from masugata.testing import LocalAws
from unit.services.wafv2.using_waf import (
    HEAD,
    MISSING,
    NOTHING,
    SCOPE,
    error,
    ip_set,
    named,
    new_name,
    refusal,
    rule,
    rule_group,
    web_acl,
)

INVALID = "WAFInvalidParameterException"


def patterns(waf: Any, *expressions: str, **settings: Any) -> dict[str, Any]:
    """The summary of a new regex pattern set."""
    listed = [{"RegexString": text} for text in expressions]
    given = {"Name": new_name(), "RegularExpressionList": listed, **SCOPE}
    return dict(waf.create_regex_pattern_set(**{**given, **settings})["Summary"])


def test_an_ip_set_from_its_creation_to_its_end(waf: Any) -> None:
    """Its addresses come back as they were written, each once."""
    made = ip_set(waf, "192.0.2.0/24", "198.51.100.7/32", "192.0.2.0/24", Description="of partners")
    found = waf.get_ip_set(**named(made))
    assert found["IPSet"] == {
        "Name": made["Name"],
        "Id": made["Id"],
        "ARN": f"{HEAD}ipset/{made['Name']}/{made['Id']}",
        "Description": "of partners",
        "IPAddressVersion": "IPV4",
        "Addresses": ["192.0.2.0/24", "198.51.100.7/32"],
    }
    change = {**named(made), "Addresses": []}
    token = waf.update_ip_set(**change, LockToken=found["LockToken"])["NextLockToken"]
    assert error(waf.update_ip_set, **change, LockToken=found["LockToken"]) == "WAFOptimisticLockException"
    assert waf.get_ip_set(**named(made))["IPSet"]["Addresses"] == []
    assert error(waf.delete_ip_set, **named(made), LockToken=MISSING) == "WAFOptimisticLockException"
    waf.delete_ip_set(**named(made), LockToken=token)
    assert error(waf.get_ip_set, **named(made)) == "WAFNonexistentItemException"


def test_ipv6(waf: Any) -> None:
    """Addresses of IPv6 stay as long, or as short, as they were written; two ways of writing one are one."""
    long = "2001:0DB8:0000:0000:0000:0000:0000:0001/128"
    made = ip_set(waf, long, "2001:db8::1/128", "2001:db8:1::/48", IPAddressVersion="IPV6")
    assert waf.get_ip_set(**named(made))["IPSet"]["Addresses"] == [long, "2001:db8:1::/48"]


@pytest.mark.parametrize(
    ("address", "version"),
    [
        ("0.0.0.0/0", "IPV4"),
        ("::/0", "IPV6"),
        ("192.0.2.1", "IPV4"),
        ("192.0.2.1/33", "IPV4"),
        ("192.0.2.1/24", "IPV4"),
        ("192.0.2.0/255.255.255.0", "IPV4"),
        ("192.0.2.0/0.0.0.255", "IPV4"),
        ("192.0.2/24", "IPV4"),
        ("192.0.2.0/024.", "IPV4"),
        ("192.0.2.0/ 24", "IPV4"),
        ("192.0.2.0/٢٤", "IPV4"),
        ("3221225984/24", "IPV4"),
        ("2001:db8::/32", "IPV4"),
        ("192.0.2.0/24", "IPV6"),
        ("fe80::1%eth0/128", "IPV6"),
        ("example.com/32", "IPV4"),
        ("/24", "IPV4"),
    ],
)
def test_what_is_no_cidr(waf: Any, address: str, version: str) -> None:
    """AWS's answer to each, for a new set and for one that is changed."""
    made = ip_set(waf, IPAddressVersion=version)
    for answer in (
        refusal(ip_set, waf, address, IPAddressVersion=version),
        refusal(waf.update_ip_set, **named(made), LockToken=made["LockToken"], Addresses=[address]),
    ):
        assert (answer["Field"], answer["Parameter"]) == ("IP_ADDRESS", address)
        assert answer["Error"]["Message"] == (
            "Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS, "
            f"parameter: {address}"
        )


def test_too_many_addresses(waf: Any) -> None:
    """A set has 10,000."""
    many = [f"10.{n >> 8}.{n & 255}.0/24" for n in range(10_001)]
    assert error(ip_set, waf, *many) == "WAFLimitsExceededException"
    made = ip_set(waf, *many[:10_000])
    assert len(waf.get_ip_set(**named(made))["IPSet"]["Addresses"]) == 10_000


def test_sets_that_are_used_stay(waf: Any) -> None:
    """Rules of web ACLs and of rule groups hold them, also deep within."""
    addresses, expressions = ip_set(waf), patterns(waf)
    by_address = {"IPSetReferenceStatement": {"ARN": addresses["ARN"]}}
    by_text = {
        "RegexPatternSetReferenceStatement": {
            "ARN": expressions["ARN"],
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NOTHING,
        }
    }
    group = rule_group(waf, rule("a", 1, {"NotStatement": {"Statement": by_address}}))
    acl = web_acl(waf, rule("a", 1, {"OrStatement": {"Statements": [by_address, by_text]}}))
    answer = refusal(waf.delete_ip_set, **named(addresses), LockToken=addresses["LockToken"])
    assert answer["Error"]["Code"] == "WAFAssociatedItemException"
    assert acl["Name"] in answer["Error"]["Message"]
    regexes = {**named(expressions), "LockToken": expressions["LockToken"]}
    assert error(waf.delete_regex_pattern_set, **regexes) == "WAFAssociatedItemException"
    waf.delete_web_acl(**named(acl), LockToken=acl["LockToken"])
    waf.delete_regex_pattern_set(**regexes)
    answer = refusal(waf.delete_ip_set, **named(addresses), LockToken=addresses["LockToken"])
    assert group["Name"] in answer["Error"]["Message"]
    waf.delete_rule_group(**named(group), LockToken=group["LockToken"])
    waf.delete_ip_set(**named(addresses), LockToken=addresses["LockToken"])


def test_a_regex_pattern_set_from_its_creation_to_its_end(waf: Any) -> None:
    """Its expressions come back in their order."""
    made = patterns(waf, "^/b", "^/a")
    found = waf.get_regex_pattern_set(**named(made))
    assert [one["RegexString"] for one in found["RegexPatternSet"]["RegularExpressionList"]] == ["^/b", "^/a"]
    change = {**named(made), "RegularExpressionList": [{"RegexString": "c"}]}
    token = waf.update_regex_pattern_set(**change, LockToken=found["LockToken"])["NextLockToken"]
    assert (
        error(waf.update_regex_pattern_set, **change, LockToken=found["LockToken"])
        == "WAFOptimisticLockException"
    )
    waf.delete_regex_pattern_set(**named(made), LockToken=token)
    assert error(waf.get_regex_pattern_set, **named(made)) == "WAFNonexistentItemException"


@pytest.mark.parametrize("expression", ["a(", "(?=a)b", r"(a)\1", "*", "[z-a]", r"\p{Greek}"])
def test_expressions_that_cannot_be(waf: Any, expression: str) -> None:
    """What no engine matches in linear time is refused."""
    answer = refusal(patterns, waf, expression)
    assert (answer["Error"]["Code"], answer["Field"]) == (INVALID, "REGEX_PATTERN_SET")
    assert answer["Parameter"] == expression


def test_numbers_of_expressions(waf: Any) -> None:
    """A set has ten, and each is there; of sets there are ten."""
    assert error(patterns, waf, *(str(n) for n in range(11))) == "WAFLimitsExceededException"
    assert error(patterns, waf, RegularExpressionList=[{}]) == INVALID
    patterns(waf, *(str(n) for n in range(10)))


@pytest.mark.parametrize("noun", ["ip_set", "regex_pattern_set"])
def test_names(aws: LocalAws, waf: Any, noun: str) -> None:
    """They are unique in a scope, and CloudFront is in us-east-1."""
    make = ip_set if noun == "ip_set" else patterns
    made = make(waf)
    assert error(make, waf, Name=made["Name"]) == "WAFDuplicateItemException"
    assert error(make, aws.client("wafv2", region_name="eu-west-1"), Scope="CLOUDFRONT") == INVALID
    listing = getattr(waf, f"list_{noun}s")(**SCOPE)
    member = "IPSets" if noun == "ip_set" else "RegexPatternSets"
    assert made in listing[member]
