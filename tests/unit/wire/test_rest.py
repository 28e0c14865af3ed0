"""Requests and answers of rest-json and rest-xml."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, OutputError, codec, load_service
from masugata.wire.codec import PROTOCOLS

JSON = ("content-type", "application/json")
MOMENT = datetime(2026, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)


def parse(service: str, operation: str, *headers: tuple[str, str], **request: Any) -> dict[str, Any]:
    """What the protocol reads, without the constraints of the model."""
    model = load_service(service)
    decode = PROTOCOLS[model.protocols[0]].request(model, model.operation(operation))
    return decode(HttpRequest(**{"method": "POST", "path": "/", "headers": headers, **request}))


def refusal(service: str, operation: str, *headers: tuple[str, str], **request: Any) -> AwsError:
    with pytest.raises(AwsError) as refused:
        parse(service, operation, *headers, **request)
    return refused.value


def answer(service: str, operation: str, output: dict[str, Any]) -> Any:
    return codec(service, operation, load_service(service).protocols[0]).serialize(output, "r-1")


def test_members_come_from_everywhere() -> None:
    """Path, query string and body each give their members, under the model's names."""
    assert parse("guardduty", "UpdateFilter", JSON, path="/detector/d%2F1/filter/f", body=b'{"rank":3}') == {
        "DetectorId": "d/1", "FilterName": "f", "Rank": 3,
    }  # fmt: skip
    assert parse("guardduty", "UntagResource", path="/tags/a%3Ab", query="tagKeys=k%26&tagKeys=&x=1") == {
        "ResourceArn": "a:b", "TagKeys": ["k&", ""],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("maxResults=1&maxResults=2", "given more than once"),
        ("maxResults=x", "can not be converted to an Integer"),
        ("maxResults=99999999999999999999", "can not be converted to an Integer"),
        ("maxResults=", "can not be converted to an Integer"),
        ("maxResults=%ff", "cannot be decoded"),
    ],
)
def test_query_strings_that_are_refused(query: str, text: str) -> None:
    """One parameter has one value of its type, or the request is refused."""
    assert text in refusal("guardduty", "ListDetectors", path="/detector", query=query).message


def test_query_maps_take_what_nothing_else_does() -> None:
    """A map in the query string has the parameters that are no member's, no constant and no signature."""
    path = "/restapis/a/stages/s/exports/swagger"
    query = "k=v&k%250=%25&X-Amz-Signature=0&a%3Db+=c%3Dd=e"
    assert parse("apigateway", "GetExport", method="GET", path=path, query=query)["parameters"] == {
        "k": "v", "k%0": "%", "a=b ": "c=d=e",
    }  # fmt: skip
    assert (
        refusal("apigateway", "GetExport", method="GET", path=path, query="k=v&k=w").code == "MalformedInput"
    )


def test_headers() -> None:
    """Headers give members by name without regard to case, and a prefix gives a map."""
    value = parse(
        "s3", "PutObject",
        ("x-amz-meta-a", "1"), ("x-amz-meta-b", " 2 "), ("expires", "Mon, 23 Nov 2026 10:00:00 GMT"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"), ("content-length", "3"),
        method="PUT", path="/b/k/l", body=b"\x00\x01\x02",
    )  # fmt: skip
    assert value == {
        "Bucket": "b", "Key": "k/l", "Body": b"\x00\x01\x02", "ContentLength": 3, "BucketKeyEnabled": True,
        "Metadata": {"a": "1", "b": "2"}, "Expires": value["Expires"],
    }  # fmt: skip
    assert value["Expires"] in (MOMENT.replace(microsecond=0), "Mon, 23 Nov 2026 10:00:00 GMT")
    twice = refusal(
        "s3", "PutObject", ("content-length", "3"), ("content-length", "3"), method="PUT", path="/b/k"
    )
    assert "more than once" in twice.message


def test_lists_in_headers() -> None:
    """Commas divide, quotes hold together, and a quote that does not end is refused."""

    def ids(text: str) -> Any:
        return parse(
            "entityresolution", "BatchDeleteUniqueId", ("uniqueids", text), method="DELETE",
            path="/matchingworkflows/w/uniqueids",
        )["uniqueIds"]  # fmt: skip

    assert ids('a, b ,"c,d" , "e\\"f"') == ["a", "b", "c,d", 'e"f']
    for text in ('"a', '"a"b', '"a\\', '"a" b,c'):
        with pytest.raises(AwsError, match="broken quotes"):
            ids(text)


def test_json_in_headers() -> None:
    """A member that is JSON in a header is base64 there, both ways, and as strict as a body."""
    given = {"a": [1, "é"]}
    text = base64.b64encode(json.dumps(given).encode()).decode()
    path = "/bot/b/alias/a/user/u/content"
    found = parse("lex-runtime", "PostContent", ("x-amz-lex-session-attributes", text), path=path, body=b"x")
    assert found["sessionAttributes"] == given
    for bad in ("{}", "e30=x", base64.b64encode(b'{"a":1,"a":2}').decode(), base64.b64encode(b"[").decode()):
        error = refusal("lex-runtime", "PostContent", ("x-amz-lex-session-attributes", bad), path=path)
        assert error.code == "SerializationException"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"[]", "Start of list found"),
        (b'"x"', "must be a JSON object"),
        (b'{"enable":1,"enable":2}', "occurs twice"),
        (b'{"enable":"true"}', "can not be converted to a Boolean"),
        (b"{", "not valid JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "nested deeper"),
        (b"\xff", "not valid JSON"),
    ],
)
def test_bodies_that_are_refused(body: bytes, text: str) -> None:
    """A JSON body is one object, sound and unambiguous."""
    error = refusal("guardduty", "CreateDetector", JSON, path="/detector", body=body)
    assert error.code == "SerializationException"
    assert text in error.message


def test_content_types() -> None:
    """A body of another type is not read as JSON; none at all is."""
    form = ("content-type", "application/x-www-form-urlencoded")
    error = refusal("guardduty", "CreateDetector", form, path="/detector", body=b'{"enable":true}')
    assert (error.code, error.status) == ("UnsupportedMediaType", 415)
    typed = ("content-type", "Application/JSON; charset=utf-8")
    for headers in ((), (typed,)):
        found = parse("guardduty", "CreateDetector", *headers, path="/detector", body=b'{"enable":true}')
        assert found == {"Enable": True}
    # An operation without members in its body ignores it.
    assert parse("guardduty", "ListDetectors", form, method="GET", path="/detector", body=b"x") == {}


def test_constraints_count_wherever_a_member_stands() -> None:
    """The model's limits hold for labels and query strings, too."""
    list_members = codec("guardduty", "ListMembers", "rest-json").parse
    with pytest.raises(AwsError, match="'maxResults' failed to satisfy constraint") as refused:
        list_members(HttpRequest(method="GET", path="/detector/d/member", query="maxResults=51"))
    assert refused.value.code == "ValidationError"
    with pytest.raises(AwsError, match="'detectorId' failed"):
        list_members(HttpRequest(method="GET", path=f"/detector/{'d' * 301}/member"))
    with pytest.raises(AwsError, match="'enable' failed to satisfy constraint: Member must not be null"):
        codec("guardduty", "CreateDetector", "rest-json").parse(HttpRequest(method="POST", path="/detector"))


def test_json_answers() -> None:
    """The body has the model's names; status, type and request id are where clients look."""
    response = answer("guardduty", "ListDetectors", {"DetectorIds": ["d"]})
    assert (response.status, json.loads(response.body)) == (200, {"detectorIds": ["d"]})
    assert response.headers == (("Content-Type", "application/json"), ("x-amzn-RequestId", "r-1"))
    # An output without members is an empty object, no output is no body.
    assert answer("guardduty", "DeleteDetector", {}).body == b"{}"
    untag = answer("guardduty", "UntagResource", {})
    assert (untag.status, untag.body) == (204, b"")
    with pytest.raises(OutputError, match="`Nope`"):
        answer("guardduty", "ListDetectors", {"Nope": 1})


def test_numbers_that_json_does_not_have() -> None:
    """NaN and infinite numbers are texts, as in Smithy, and are refused where they come in."""
    for value, text in ((float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")):
        body = (
            PROTOCOLS["rest-json"]
            .response(load_service("geo-places"), load_service("geo-places").operation("ReverseGeocode"))(
                {"ResultItems": [{"Position": [value]}], "PricingBucket": "p"}, "r"
            )
            .body
        )
        assert json.loads(body)["ResultItems"][0]["Position"] == [text]
    position = b'{"QueryPosition":["NaN",1]}'
    assert refusal("geo-places", "ReverseGeocode", JSON, path="/reverse-geocode", body=position).code == (
        "SerializationException"
    )


def test_status_and_headers_of_answers() -> None:
    """A member may be the status, others stand in headers, a payload is the whole body."""
    response = answer("lambda", "Invoke", {"StatusCode": 202, "FunctionError": "x", "Payload": b"\x00"})
    assert (response.status, response.body) == (202, b"\x00")
    assert response.headers == (
        ("Content-Type", "application/octet-stream"),
        ("X-Amz-Function-Error", "x"),
        ("x-amzn-RequestId", "r-1"),
    )  # fmt: skip
    for status in (0, 99, 600, "200", True):
        with pytest.raises(OutputError, match="HTTP status"):
            answer("lambda", "Invoke", {"StatusCode": status})
    head = answer("s3", "HeadObject", {"ContentLength": 3, "Metadata": {"a": "b"}, "LastModified": MOMENT})
    assert head.body == b""
    assert ("x-amz-meta-a", "b") in head.headers
    assert ("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT") in head.headers


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b", "a\n", "\x00", "日本"])
def test_headers_cannot_be_split(value: str) -> None:
    """What a header cannot carry is an error of ours, and never another header."""
    with pytest.raises(OutputError):
        answer("s3", "HeadObject", {"ContentLanguage": value})
    with pytest.raises(OutputError):
        answer("s3", "HeadObject", {"Metadata": {value: "x"}})


def test_xml_requests() -> None:
    """Members are elements in any namespace and order, lists flattened or not, attributes among them."""
    body = (
        b'<?xml version="1.0" encoding="UTF-8"?><AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b'<Owner><ID>a&amp;b</ID></Owner><AccessControlList><Grant><Grantee xmlns:i="urn:x" i:type="Group">'
        b"<URI>u</URI></Grantee><Permission><![CDATA[R<EAD]]></Permission></Grant></AccessControlList>"
        b"<Unknown>1</Unknown></AccessControlPolicy>"
    )
    assert parse("s3", "PutBucketAcl", method="PUT", path="/b", query="acl", body=body) == {
        "Bucket": "b",
        "AccessControlPolicy": {
            "Owner": {"ID": "a&b"},
            "Grants": [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "R<EAD"}],
        },
    }
    body = b"<Delete><Object><Key>1</Key></Object><Quiet>true</Quiet><Object><Key>2</Key></Object></Delete>"
    found = parse("s3", "DeleteObjects", method="POST", path="/b", query="delete", body=body)
    assert found["Delete"] == {"Objects": [{"Key": "1"}, {"Key": "2"}], "Quiet": True}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Delete>",
        b"<a/><b/>",
        b"\xff",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete/>',
        b"<Delete><Quiet>perhaps</Quiet></Delete>",
        b"<Delete><Quiet>true</Quiet><Quiet>false</Quiet></Delete>",
        b"<Delete><Quiet><a/></Quiet></Delete>",
        b"<a>" * 101 + b"</a>" * 101,
        b"<Delete><Object><LastModifiedTime>yesterday</LastModifiedTime></Object></Delete>",
        b"<Delete>&nbsp;</Delete>",
        b"<Delete xmlns:a='1' xmlns:b='2' a:x='1' b:x='2'/>",
    ],
)
def test_xml_that_is_refused(body: bytes) -> None:
    """Broken, deep, ambiguous or mistyped XML is refused, and document types with all they bring."""
    if not body:
        assert parse("s3", "DeleteObjects", method="POST", path="/b", query="delete") == {"Bucket": "b"}
        return
    assert refusal("s3", "DeleteObjects", method="POST", path="/b", query="delete", body=body).code == (
        "MalformedInput"
    )


def test_too_many_elements() -> None:
    """A body of nothing but elements is cut off."""
    body = b"<Delete>" + b"<a/>" * 100_001 + b"</Delete>"
    assert "more than" in refusal("s3", "DeleteObjects", path="/b", query="delete", body=body).message


def test_xml_answers() -> None:
    """The root stands in the service's namespace, attributes in their element, texts escaped."""
    body = answer("s3", "GetBucketAcl", {"Grants": [{"Grantee": {"Type": 'a"<\n', "ID": "\r"}}]}).body
    assert body == (
        b'<GetBucketAclOutput xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant>'
        b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="a&quot;&lt;&#xA;">'
        b"<ID>&#xD;</ID></Grantee></Grant></AccessControlList></GetBucketAclOutput>"
    )
    empty = answer("s3", "DeleteBucket", {})
    assert (empty.status, empty.body, empty.headers) == (204, b"", (("x-amzn-RequestId", "r-1"),))
    policy = answer("s3", "GetBucketPolicy", {"Policy": "{}"})
    assert (policy.body, dict(policy.headers)["Content-Type"]) == (b"{}", "text/plain")


def test_an_empty_payload_is_absent_unless_required() -> None:
    """No body is no blob, except where there must be one; an empty union is none."""
    assert parse("lambda", "Invoke", path="/2015-03-31/functions/f/invocations") == {"FunctionName": "f"}
    assert parse("s3", "PutBucketPolicy", method="PUT", path="/b", query="policy") == {
        "Bucket": "b",
        "Policy": "",
    }
    path = "/datastore/d/imageSet/i/updateImageSetMetadata"
    found = parse(
        "medical-imaging", "UpdateImageSetMetadata", JSON, path=path, query="latestVersion=1", body=b"{}"
    )
    assert "updateImageSetMetadataUpdates" not in found
    bad = refusal("s3", "PutBucketPolicy", method="PUT", path="/b", query="policy", body=b"\xff")
    assert bad.code == "MalformedInput"


def test_sparse_lists_keep_their_gaps() -> None:
    """Elements are null where the model says that they may be, in both directions, and absent elsewhere."""
    array = {"stringValues": ["a", None, "b"]}
    body = {
        "resourceArn": "arn:aws:rds", "secretArn": "arn:aws:rds", "sql": "x",
        "parameters": [{"name": "n", "value": {"arrayValue": array}}, None],
    }  # fmt: skip
    request = HttpRequest(method="POST", path="/Execute", body=json.dumps(body).encode())
    found = codec("rds-data", "ExecuteStatement", "rest-json").parse(request)
    assert found["parameters"] == [{"name": "n", "value": {"arrayValue": array}}]
    answered = answer("rds-data", "ExecuteStatement", {"records": [[{"arrayValue": array}]]})
    assert json.loads(answered.body)["records"] == [[{"arrayValue": array}]]
