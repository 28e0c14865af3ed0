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


def cbor(prefix: str, operation: str, *headers: tuple[str, str], **more: Any) -> HttpRequest:
    path = f"/service/{prefix}/operation/{operation}"
    return post("", ("smithy-protocol", "rpc-v2-cbor"), *headers, **{"path": path, **more})


def get(path: str, *headers: tuple[str, str], **more: Any) -> HttpRequest:
    return HttpRequest(**{"method": "GET", "path": path, "headers": headers, **more})


ARN = "arn%3Aaws%3Aguardduty%3Aeu-west-1%3A111122223333%3Adetector%2Fabc"


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
        (cbor("AWSShield_20160616", "ListAttacks"), Route("shield", "ListAttacks", "rpc-v2-cbor")),
        (get("/detector", scope("guardduty")), Route("guardduty", "ListDetectors", "rest-json")),
        (
            get("/detector", scope("guardduty"), query="maxResults=1", method="POST"),
            Route("guardduty", "CreateDetector", "rest-json"),
        ),
        (
            get("/detector/a%2Fb/filter/c", scope("guardduty"), method="DELETE"),
            Route("guardduty", "DeleteFilter", "rest-json"),
        ),
        (get("/analyzer", scope("access-analyzer")), Route("accessanalyzer", "ListAnalyzers", "rest-json")),
        # The same path in two services: the scope tells.
        (get(f"/tags/{ARN}", scope("guardduty")), Route("guardduty", "ListTagsForResource", "rest-json")),
        (
            get(f"/tags/{ARN}", scope("access-analyzer")),
            Route("accessanalyzer", "ListTagsForResource", "rest-json"),
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
        (cbor("AWSShield_20160616", "Nope"), "UnknownOperation", "rpc-v2-cbor", "shield"),
        (cbor("TrentService", "Encrypt"), "UnknownOperation", "rpc-v2-cbor", None),
        (
            cbor("AWSShield_20160616", "ListAttacks", method="PUT"),
            "UnknownOperation",
            "rpc-v2-cbor",
            "shield",
        ),
        (
            cbor(
                "AWSShield_20160616", "ListAttacks", ("x-amz-target", "AWSShield_20160616.DeleteProtection")
            ),
            "UnknownOperation",
            "rpc-v2-cbor",
            "shield",
        ),
        (post("", ("smithy-protocol", "rpc-v2-cbor"), path="/x"), "UnknownOperation", "rpc-v2-cbor", None),
        (post("", scope("guardduty"), path="/nowhere"), "UnknownOperation", "rest-json", "guardduty"),
        (post("", scope("guardduty")), "UnknownOperation", "rest-json", "guardduty"),
        (get("/detector/", scope("guardduty")), "UnknownOperation", "rest-json", "guardduty"),
        (get("/detector", scope("guardduty"), method="PATCH"), "UnknownOperation", "rest-json", "guardduty"),
        (get("/detector", scope("iam")), "MissingAction", "query", "iam"),
        (
            get("/detector", scope("guardduty"), query="a=%zz"),
            "MalformedQueryString",
            "rest-json",
            "guardduty",
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
        (post("Action=DescribeInstances&Version=2016-11-15", scope("ec2")), "ec2", "ec2"),
        (HttpRequest(method="GET", path="/", headers=(scope("s3"),)), "rest-xml", "s3"),
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


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("access-analyzer.eu-west-1.localhost:4566", "accessanalyzer"),
        ("guardduty.localhost", "guardduty"),
        ("127.0.0.1", "accessanalyzer"),
    ],
)
def test_unsigned_calls_by_path(host: str, service: str) -> None:
    """Without a scope the host says whose path it is, so that the missing signature is refused its way."""
    found = route(get(f"/tags/{ARN}", ("host", host)), SERVED)
    assert found == Route(service, "ListTagsForResource", "rest-json")


S3 = frozenset({"s3"})


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "operation"),
    [
        ("GET", "/", "", (), "ListBuckets"),
        ("PUT", "/b", "", (), "CreateBucket"),
        ("PUT", "/b", "policy", (), "PutBucketPolicy"),
        ("PUT", "/b", "policy=", (), "PutBucketPolicy"),
        ("GET", "/b", "list-type=2&prefix=a", (), "ListObjectsV2"),
        ("GET", "/b", "list-type=1", (), "ListObjects"),
        ("GET", "/b", "analytics", (), "ListBucketAnalyticsConfigurations"),
        ("GET", "/b", "analytics&id=a", (), "GetBucketAnalyticsConfiguration"),
        ("PUT", "/b/k/l", "", (), "PutObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", (), "UploadPart"),
        ("PUT", "/b/k", "", (("x-amz-copy-source", "/b/x"),), "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", (("x-amz-copy-source", "/b/x"),), "UploadPartCopy"),
        ("HEAD", "/b/k", "", (), "HeadObject"),
        ("DELETE", "/b/k/", "", (), "DeleteObject"),
    ],
)
def test_operations_that_share_a_path(
    method: str, path: str, query: str, headers: tuple[tuple[str, str], ...], operation: str
) -> None:
    """Constants of the template and required parameters tell operations with one path apart."""
    request = get(path, scope("s3"), *headers, method=method, query=query)
    assert route(request, S3) == Route("s3", operation, "rest-xml")


def test_what_goes_on_is_more_specific_than_a_greedy_label() -> None:
    """A greedy label takes everything only where nothing else follows in a template."""
    for path, operation in (
        ("/v20180820/mrap/instances/a/b/policy", "GetMultiRegionAccessPointPolicy"),
        ("/v20180820/mrap/instances/a/b", "GetMultiRegionAccessPoint"),
    ):
        assert route(get(path, scope("s3")), frozenset({"s3control"})).operation == operation


def test_a_shared_signing_name() -> None:
    """Of two services with one signing name, the one that has the operation is meant."""
    served = frozenset({"ses", "sesv2"})
    assert route(get("/v2/email/account", scope("ses")), served).service == "sesv2"
    action = post("Action=GetSendQuota&Version=2010-12-01", scope("ses"))
    assert route(action, served) == Route("ses", "GetSendQuota", "query")
