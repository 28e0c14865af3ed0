"""Requests of the query protocol."""

from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, codec
from masugata.wire.form import MAX_PARAMETERS, parse_form, tree

FORM = (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)


def parse(operation: str, body: bytes | str, *, service: str = "iam", **request: Any) -> dict[str, Any]:
    raw = body.encode() if isinstance(body, str) else body
    return codec(service, operation, "query").parse(
        HttpRequest(**{"method": "POST", "path": "/", "headers": FORM, "body": raw, **request})
    )


def refusal(operation: str, body: bytes | str, **request: Any) -> AwsError:
    with pytest.raises(AwsError) as refused:
        parse(operation, body, **request)
    return refused.value


def test_members_lists_and_types() -> None:
    """Names, numbers and booleans arrive typed, absent members stay absent, the rest is ignored."""
    body = "Action=X&Version=Y&PathPrefix=/a%2Fb/&MaxItems=7&OnlyAttached=true&Unknown=1&Other.member.1=2"
    assert parse("ListPolicies", body) == {"PathPrefix": "/a/b/", "MaxItems": 7, "OnlyAttached": True}


def test_list_elements_are_ordered_by_number() -> None:
    """Element 10 comes after element 9, gaps close, and a huge index costs nothing."""
    numbers = [12, 1, 10, 999999999, 2]
    body = "UserName=a&" + "&".join(f"TagKeys.member.{n}=k{n}" for n in numbers)
    assert parse("UntagUser", body)["TagKeys"] == ["k1", "k2", "k10", "k12", "k999999999"]


def test_empty_list_is_present_and_empty() -> None:
    """`Tags=` is an empty list, and no parameter is no list."""
    assert parse("CreateUser", "UserName=a&Tags=") == {"UserName": "a", "Tags": []}
    assert parse("CreateUser", "UserName=a") == {"UserName": "a"}


def test_maps_and_timestamps() -> None:
    """Entries of maps pair key and value, timestamps are in UTC."""
    body = (
        "Name=t&Attributes.entry.2.key=b&Attributes.entry.2.value=2"
        "&Attributes.entry.1.key=a&Attributes.entry.1.value="
    )
    assert parse("CreateTopic", body, service="sns")["Attributes"] == {"a": "", "b": "2"}
    body = (
        "StackName=s&ResourcesToSkip=&StartTime=2026-11-23T10:00:00.250%2B09:00&EndTime=2026-11-23T00:00:00Z"
        "&Namespace=n&MetricName=m&Period=60"
    )
    got = parse("GetMetricStatistics", body, service="cloudwatch")
    assert got["StartTime"] == datetime(2026, 11, 23, 1, 0, 0, 250_000, tzinfo=UTC)
    assert got["EndTime"].tzinfo is UTC


def test_parameters_of_a_presigned_url() -> None:
    """A GET has its parameters in the query string, among those of the signature."""
    query = "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKIA%2F20261123&X-Amz-Expires=60"
    assert parse("GetCallerIdentity", b"", service="sts", method="GET", query=query) == {}
    assert parse("GetUser", b"", method="GET", query="UserName=a", headers=()) == {"UserName": "a"}


@pytest.mark.parametrize(
    "body",
    [
        b"\xff=1",
        b"UserName=%ff",
        b"UserName=\xe9",
        b"UserName=a&x=%E2%82",
        b"UserName=%zz",
        b"UserName=a%",
        b"UserName=a&UserName=b",
        b"User%4eame=a&UserName=a",
        b"UserName%3Da",
        b"UserName%3da=b",
        b"%ff",
        b"UserName=a&" + b"&".join(b"a%d=" % n for n in range(MAX_PARAMETERS)),
    ],
)
def test_unsound_encoding_is_refused(body: bytes) -> None:
    """Invalid UTF-8 and escapes, one name twice, hidden separators and floods are errors, never dropped."""
    error = refusal("GetUser", body)
    assert (error.code, error.status) == ("MalformedQueryString", 404)


def test_a_name_in_query_string_and_body_is_refused() -> None:
    """Which of two values counts is not for us to choose."""
    assert refusal("GetUser", "UserName=a", query="UserName=b").code == "MalformedQueryString"


@pytest.mark.parametrize(
    "body",
    [
        "UserName=a&TagKeys=x",
        "UserName=a&TagKeys.1=x",
        "UserName=a&TagKeys.member=x",
        "UserName=a&TagKeys.member.x=x",
        "UserName=a&TagKeys.member.1=x&TagKeys.member.01=y",
        "UserName=a&TagKeys.member.-1=x",
        "UserName=a&TagKeys=&TagKeys.member.1=x",
        "UserName=a&TagKeys.member.1=x&TagKeys.member.1.Key=y",
        "UserName=a&TagKeys.member.1=x&TagKeys.other.1=y",
        "UserName.member.1=a&TagKeys=",
        "UserName=a&TagKeys.member.99999999999=x",
    ],
)
def test_wrong_structure_is_refused(body: str) -> None:
    """A list that is not one, or two things at once, must not pass for an empty list."""
    assert refusal("UntagUser", body).code == "MalformedInput"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("MaxItems=", "'' can not be converted to an Integer"),
        ("MaxItems=1.5", "'1.5' can not be converted to an Integer"),
        ("MaxItems=%D9%A3", "'٣' can not be converted to an Integer"),
        ("MaxItems=99999999999999999999", "'99999999999999999999' can not be converted to an Integer"),
        ("OnlyAttached=yes", "'yes' can not be converted to a Boolean"),
    ],
)
def test_wrong_types_are_refused(body: str, text: str) -> None:
    """What is not a number or a boolean is refused, and said."""
    error = refusal("ListPolicies", body)
    assert (error.code, error.message) == ("MalformedInput", text)


def test_other_content_types_are_refused() -> None:
    """A body that does not claim to be a form, or not to be UTF-8, is not read as one."""
    for content_type in ("application/json", "application/x-www-form-urlencoded; charset=shift_jis"):
        assert (
            refusal("GetUser", "UserName=a", headers=(("content-type", content_type),)).code
            == "MalformedInput"
        )
    assert parse("GetUser", "UserName=a", headers=()) == {"UserName": "a"}


def test_deep_names_are_unknown_parameters() -> None:
    """A name with a hundred thousand dots is ignored and costs no recursion."""
    assert parse("GetUser", "UserName=a&x" + ".x" * 100_000 + "=1") == {"UserName": "a"}


def test_form_and_tree() -> None:
    """Plus is a space, raw UTF-8 is text, an empty name is a name."""
    assert parse_form("a=b+c%2B&é=日本&=x&&y".encode()) == {"a": "b c+", "é": "日本", "": "x", "y": ""}
    assert tree({"a.b.c": "1", "a.b.d": "2", "e": "3"}) == {"a": {"b": {"c": "1", "d": "2"}}, "e": "3"}
