"""Fuzz target: whatever bytes arrive, routing and parsing raise AwsError and nothing else."""

from masugata.errors import AwsError
from masugata.wire import HttpRequest, RoutingError, codec, load_service, route, serialize_error

SERVED = frozenset({
    "iam", "sts", "cloudtrail", "organizations", "kms", "wafv2", "shield", "guardduty", "inspector2",
    "accessanalyzer", "securityhub", "s3", "ec2", "cloudwatch", "apigateway",
})  # fmt: skip

# A request is one line for the method, one for the path and query, then headers, an empty line, the body.
SEEDS = (
    (
        b"POST\n/\ncontent-type: application/x-www-form-urlencoded\n\n"
        b"Action=TagUser&Version=2010-05-08&UserName=a&Tags.member.1.Key=k&Tags.member.1.Value=%7B%22a%22%7D"
    ),
    b"GET\n/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=A%2F1%2Fr%2Fsts%2Faws4_request\n\n",
    (
        b"POST\n/\nx-amz-target: TrentService.Encrypt\ncontent-type: application/x-amz-json-1.1\n\n"
        b'{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":{"a":"b"}}'
    ),
    (
        b"POST\n/\nx-amz-target: AWSWAF_20190729.CheckCapacity\n\n"
        b'{"Scope":"REGIONAL","Rules":[{"Statement":{"NotStatement":{"Statement":{}}}}]}'
    ),
    (
        b"POST\n/\nx-amz-target: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents\n\n"
        b'{"StartTime":1763892000.25,"MaxResults":1.5}'
    ),
    b"POST\n/service/AWSShield_20160616/operation/ListAttacks\nsmithy-protocol: rpc-v2-cbor\n\n\xbf\xff",
    b"POST\n/detector\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/r/guardduty/aws4_request\n\n{}",
    (
        b"POST\n/service/AWSShield_20160616/operation/ListAttacks\nsmithy-protocol: rpc-v2-cbor\n"
        b"content-type: application/cbor\n\n"
        b"\xbf\x69StartTime\xa1\x6dFromInclusive\xc1\x1a\x69\x22\xda\xe0\xff"
    ),
    (
        b"DELETE\n/tags/arn%3Aaws%3Aguardduty%3Ar%3A1%3Adetector%2Fa?tagKeys=a&tagKeys=b%2F\n"
        b"authorization: AWS4-HMAC-SHA256 Credential=A/1/r/guardduty/aws4_request\n\n"
    ),
    (
        b"POST\n/findings/import\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/r/securityhub/aws4_request\n"
        b"content-type: application/json\n\n"
        b'{"Findings":[{"Id":"a","CreatedAt":"2026","Severity":{"Product":1.5}}]}'
    ),
    b"GET\n/tags/arn%3Aaws?resourceArn=a\nhost: securityhub.localhost\n\n",
    (
        b"PUT\n/b?acl\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/r/s3/aws4_request\n\n"
        b"<AccessControlPolicy>"
        b'<AccessControlList><Grant><Grantee xmlns:xsi="x" xsi:type="Group"><URI>u</URI></Grantee></Grant>'
        b"</AccessControlList></AccessControlPolicy>"
    ),
    (
        b"PUT\n/b/k/l?partNumber=1&uploadId=u\nauthorization: AWS4-HMAC-SHA256 "
        b"Credential=A/1/r/s3/aws4_request\nx-amz-meta-a: b\nx-amz-copy-source-if-modified-since: "
        b"Mon, 23 Nov 2026 10:00:00 GMT\n\nbody"
    ),
    (
        b"POST\n/b?delete\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/r/s3/aws4_request\n\n"
        b"<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet></Delete>"
    ),
    (
        b"POST\n/\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/r/ec2/aws4_request\n\n"
        b"Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=a&Filter.1.Value.2=b&MaxResults=5"
    ),
    (
        b"GET\n/restapis/a/stages/s/exports/swagger?k=v&k%25=w\n"
        b"authorization: AWS4-HMAC-SHA256 Credential=A/1/r/apigateway/aws4_request\n\n"
    ),
)
PIECES = (
    b"&", b"=", b".", b"%", b"%ff", b"\xff", b"\x00", b"[", b"{", b"}", b'"', b":", b"null",
    b"member.999999999", b"1e400", b"\\ud800", b"Action=", b"AssumeRole",
    b"\r", b"-",
    b"entry.1.key", b"[" * 200, b"9" * 5000,
    b"<", b"/>", b"</", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<a>" * 101, b"]]>",
    b"/", b"%2F", b"%25", b"?", b"\xbf", b"\x9f", b"\xff\xff", b"\xc1", b"\xc2", b"\xd8\x1c",
    b"\x5b" + b"\x7f" * 8, b"\xfb\x7f\xf8" + b"\0" * 6,
)  # fmt: skip


def request_of(data: bytes) -> HttpRequest:
    """The bytes as an HTTP request, as a server would hand it in."""
    head, _, body = data.partition(b"\n\n")
    method, target, *lines = (line.decode("latin-1") for line in (*head.split(b"\n"), b"", b""))
    path, _, query = target.partition("?")
    pairs = (line.partition(":") for line in lines if ":" in line)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    return HttpRequest(method=method, path=path, query=query, headers=headers, body=body)


def fuzz_one(data: bytes) -> None:
    """One request through routing, parsing and the answer to what is wrong with it."""
    request = request_of(data)
    try:
        found = route(request, SERVED)
    except RoutingError as error:
        serialize_error(error, error.protocol, error.service, None, "request-1")
        return
    if not load_service(found.service).has_operation(found.operation):
        raise AssertionError(f"routed to an operation that there is not: {found}")
    try:
        codec(found.service, found.operation, found.protocol).parse(request)
    except AwsError as error:
        serialize_error(error, found.protocol, found.service, found.operation, "request-1")
