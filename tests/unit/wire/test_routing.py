"""Finding service, operation and protocol in a request."""

from typing import Any

import pytest

from masugata.wire import HttpRequest, Route, RoutingError, route, serialize_error

SERVED = frozenset(
    {"iam", "sts", "kms", "cloudtrail", "organizations", "shield", "guardduty", "accessanalyzer"}
)
IAM = "2010-05-08"
STS = "2011-06-15"


def scope(name: str) -> tuple[str, str]:
    return (
        "authorization",
        f"AWS4-HMAC-SHA256 Credential=AKIA/20261123/eu-west-1/{name}/aws4_request, Signature=0",
    )


def post(body: str = "", *headers: tuple[str, str], **more: Any) -> HttpRequest:
    return HttpRequest(**{"method": "POST", "path": "/", "headers": headers, "body": body.encode(), **more})


def target(value: str, version: str = "1.1") -> HttpRequest:
    return post("{}", ("x-amz-target", value), ("content-type", f"application/x-amz-json-{version}"))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (target("TrentService.Encrypt"), Route("kms", "Encrypt", "json-1.1")),
        (target("TrentService.Encrypt", "1.0"), Route("kms", "Encrypt", "json-1.0")),
        (
            target("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"),
            Route("cloudtrail", "LookupEvents", "json-1.1"),
        ),
        (target("AWSShield_20160616.ListAttacks"), Route("shield", "ListAttacks", "json-1.1")),
        (post(f"Action=GetUser&Version={IAM}", scope("iam")), Route("iam", "GetUser", "query")),
        (
            post(f"Action=GetCallerIdentity&Version={STS}", scope("sts")),
            Route("sts", "GetCallerIdentity", "query"),
        ),
        (
            post(f"Action=AssumeRoleWithWebIdentity&Version={STS}"),
            Route("sts", "AssumeRoleWithWebIdentity", "query"),
        ),
        (
            HttpRequest(
                method="GET",
                path="/",
                query=f"Action=GetCallerIdentity&Version={STS}&X-Amz-Credential=A%2F20261123%2Fr%2Fsts%2Faws4_request",
            ),
            Route("sts", "GetCallerIdentity", "query"),
        ),
    ],
)
def test_routes(request_: HttpRequest, expected: Route) -> None:
    """Target, scope, and action with version each lead to the operation."""
    assert route(request_, SERVED) == expected


@pytest.mark.parametrize(
    ("request_", "code", "protocol", "service"),
    [
        (target("TrentService.Nope"), "UnknownOperation", "json-1.1", "kms"),
        (target("TrentService.encrypt"), "UnknownOperation", "json-1.1", "kms"),
        (target("TrentService"), "UnknownOperation", "json-1.1", None),
        (target(""), "UnknownOperation", "json-1.1", None),
        (target("DynamoDB_20120810.ListTables", "1.0"), "UnknownOperation", "json-1.0", None),
        (
            post("{}", ("x-amz-target", "TrentService.Encrypt"), ("x-amz-target", "TrentService.Decrypt")),
            "UnknownOperation",
            "json-1.1",
            "kms",
        ),
        (
            HttpRequest(method="GET", path="/", headers=(("x-amz-target", "TrentService.Encrypt"),)),
            "UnknownOperation",
            "json-1.1",
            "kms",
        ),
        (post("{}", ("content-type", "application/x-amz-json-1.1")), "UnknownOperation", "json-1.1", None),
        (post("{}", scope("kms")), "UnknownOperation", "json-1.1", "kms"),
        (
            post(
                "",
                ("smithy-protocol", "rpc-v2-cbor"),
                path="/service/AWSShield_20160616/operation/ListAttacks",
            ),
            "UnsupportedProtocol",
            "rpc-v2-cbor",
            "shield",
        ),
        (post("", ("smithy-protocol", "rpc-v2-cbor"), path="/x"), "UnknownOperation", "rpc-v2-cbor", None),
        (post("", scope("guardduty"), path="/detector"), "UnsupportedProtocol", "rest-json", "guardduty"),
        (
            post("", scope("access-analyzer"), path="/analyzer"),
            "UnsupportedProtocol",
            "rest-json",
            "accessanalyzer",
        ),
        (post("", scope("iam")), "MissingAction", "query", "iam"),
        (post(""), "MissingAction", "query", None),
        (post("Action=GetUser&Action=DeleteUser", scope("iam")), "MalformedQueryString", "query", "iam"),
        (post(f"Action=GetUser&Version={IAM}", scope("iam"), method="PUT"), "InvalidAction", "query", "iam"),
        (post(f"Action=AssumeRole&Version={STS}", scope("iam")), "InvalidAction", "query", "iam"),
    ],
)
def test_refusals(request_: HttpRequest, code: str, protocol: str, service: str | None) -> None:
    """What leads nowhere is refused in the protocol that it seems to speak."""
    with pytest.raises(RoutingError) as refused:
        route(request_, SERVED)
    error = refused.value
    assert (error.code, error.protocol, error.service) == (code, protocol, service)
    assert serialize_error(error, error.protocol, error.service, None, "r").status >= 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Action=ListUsers", "Could not find operation ListUsers for version NO_VERSION_SPECIFIED"),
        ("Action=ListUsers&Version=x", "Could not find operation ListUsers for version x"),
        (f"Action=Nope&Version={IAM}", f"Could not find operation Nope for version {IAM}"),
    ],
)
def test_unknown_actions_in_aws_words(body: str, message: str) -> None:
    """The version must be the model's, and the text is AWS's."""
    for request in (post(body, scope("iam")), post(body)):
        with pytest.raises(RoutingError) as refused:
            route(request, SERVED)
        assert (refused.value.code, refused.value.message) == ("InvalidAction", message)


def test_only_served_services_are_found() -> None:
    """A model that nobody serves leads nowhere."""
    with pytest.raises(RoutingError):
        route(target("TrentService.Encrypt"), {"iam"})
    with pytest.raises(RoutingError):
        route(post(f"Action=GetUser&Version={IAM}"), {"sts"})


def test_a_target_wins_over_an_action() -> None:
    """One request is one operation: the header decides, whatever the body says."""
    request = post(f"Action=DeleteUser&Version={IAM}", ("x-amz-target", "TrentService.Encrypt"), scope("iam"))
    assert route(request, SERVED).operation == "Encrypt"


@pytest.mark.parametrize(
    ("request_", "protocol", "name"),
    [
        (post("{}", ("x-amz-target", "Nobody.Call"), scope("secretsmanager")), "json-1.1", "secretsmanager"),
        (post("Action=DescribeInstances&Version=2016-11-15", scope("ec2")), "query", "ec2"),
        (HttpRequest(method="GET", path="/", headers=(scope("s3"),)), "query", "s3"),
        (HttpRequest(method="GET", path="/findings", headers=(scope("macie2"),)), "rest-json", "macie2"),
    ],
)
def test_services_that_are_not_served(request_: HttpRequest, protocol: str, name: str) -> None:
    """A service that is not built says so by its name, in a protocol its clients read."""
    with pytest.raises(RoutingError) as refused:
        route(request_, SERVED)
    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)
    assert refused.value.protocol == protocol
    assert refused.value.message == f"The service `{name}` is not implemented."
