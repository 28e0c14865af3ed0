"""Services of every protocol behind the gateway, called by real clients before they are built."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from masugata import services
from masugata.authorization.authorizer import Authorizer
from masugata.call import Call, Operation, read
from masugata.gateway import exchange, gateway
from masugata.server import Credentials
from support import House

ARN = "arn:aws:guardduty:us-east-1:111122223333:detector/" + "a" * 32
MOMENT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., House]:
    """An installation that serves further services, with the operations given."""

    def serve(**further: dict[str, Operation]) -> House:
        table = {**services.SERVICES, **further}
        monkeypatch.setattr(gateway, "SERVICES", table)
        monkeypatch.setattr(exchange, "SERVICES", table)
        return House(tmp_path)

    return serve


def refused(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    """Code, message and status of the error that a client sees."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    assert response["ResponseMetadata"]["RequestId"]
    return (
        response["Error"]["Code"],
        response["Error"]["Message"],
        response["ResponseMetadata"]["HTTPStatusCode"],
    )


def test_what_is_not_built_says_so_in_its_protocol(serving: Callable[..., House]) -> None:
    """rest-json, rest-xml, ec2 and json: clients show the operation's name, after one request."""
    house = serving(guardduty={}, securityhub={}, accessanalyzer={}, route53={}, ec2={}, shield={})
    for service, method, name, parameters in (
        ("guardduty", "list_tags_for_resource", "ListTagsForResource", {"ResourceArn": ARN}),
        ("guardduty", "delete_filter", "DeleteFilter", {"DetectorId": "a/b %+é", "FilterName": "f"}),
        (
            "accessanalyzer",
            "untag_resource",
            "UntagResource",
            {"resourceArn": ARN, "tagKeys": ["a&b", "日本"]},
        ),
        ("securityhub", "delete_insight", "DeleteInsight", {"InsightArn": "arn:a/b c/d%e"}),
        ("route53", "list_hosted_zones", "ListHostedZones", {}),
        ("ec2", "describe_instances", "DescribeInstances", {"Filters": [{"Name": "a", "Values": ["b"]}]}),
        ("shield", "list_attacks", "ListAttacks", {"StartTime": {"FromInclusive": MOMENT}}),
    ):
        code, message, status = refused(getattr(house.client(service), method), **parameters)
        assert code in ("NotImplementedException", "NotImplemented"), service
        assert message == f"The operation `{name}` of the service `{service}` is not implemented."
        assert status == 501


def test_a_wrong_secret_is_refused_in_every_protocol(serving: Callable[..., House]) -> None:
    """The signature counts before anything else, and each protocol has its own code for that."""
    house = serving(guardduty={}, route53={}, ec2={})
    wrong = Credentials(house.admin[0], "x" * 40)
    for service, method, parameters, code in (
        ("guardduty", "list_tags_for_resource", {"ResourceArn": ARN}, "InvalidSignatureException"),
        ("route53", "list_hosted_zones", {}, "SignatureDoesNotMatch"),
        ("ec2", "describe_instances", {}, "SignatureDoesNotMatch"),
    ):
        found = refused(getattr(house.client(service, wrong), method), **parameters)
        assert (found[0], found[2]) == (code, 403)


def test_an_unsigned_call_by_path(serving: Callable[..., House]) -> None:
    """Without a signature the path says whose call it is, and the refusal is in that protocol."""
    house = serving(guardduty={})
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    client = botocore.session.Session().create_client(
        "guardduty", region_name="us-east-1", endpoint_url="http://localhost:4566", config=unsigned
    )
    client.meta.events.register("before-send", house._send)
    assert refused(client.list_detectors)[0::2] == ("MissingAuthenticationTokenException", 403)


@pytest.mark.parametrize("protocol", ["json", "smithy-rpc-v2-cbor"])
def test_one_operation_in_two_protocols(
    serving: Callable[..., House], monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    """A handler does not see how it was called: shield answers JSON in JSON and CBOR in CBOR."""
    seen = []

    def list_attacks(_call: Call, request: Any) -> dict[str, Any]:
        seen.append(request)
        return {"AttackSummaries": [{"AttackId": "a", "StartTime": MOMENT}], "NextToken": "n"}

    house = serving(shield={"ListAttacks": read(list_attacks)})
    monkeypatch.setattr(Authorizer, "authorize_operation", lambda *_: None)
    monkeypatch.setattr("botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
    answer = house.client("shield").list_attacks(StartTime={"FromInclusive": MOMENT}, MaxResults=300)
    assert answer["AttackSummaries"][0]["StartTime"] == MOMENT
    assert answer["NextToken"] == "n"
    assert seen == [{"StartTime": {"FromInclusive": MOMENT}, "MaxResults": 300}]
    content_type = answer["ResponseMetadata"]["HTTPHeaders"]["content-type"]
    assert (
        content_type
        == {"json": "application/x-amz-json-1.1", "smithy-rpc-v2-cbor": "application/cbor"}[protocol]
    )
