"""Requests and answers of the ec2 protocol."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, codec

NS = "{http://ec2.amazonaws.com/doc/2016-11-15}"


def parse(operation: str, body: str) -> dict[str, Any]:
    return codec("ec2", operation, "ec2").parse(HttpRequest(method="POST", path="/", body=body.encode()))


def test_names_and_lists() -> None:
    """Lists are flattened, location names capitalized, and a query name is as it is."""
    values = "Filter.1.Value.1=x&Filter.1.Value.10=z&Filter.1.Value.2=y"
    body = f"Filter.2.Name=b&Filter.1.Name=a&{values}&MaxResults=5"
    assert parse("DescribeInstances", body) == {
        "Filters": [{"Name": "a", "Values": ["x", "y", "z"]}, {"Name": "b"}], "MaxResults": 5,
    }  # fmt: skip
    body = (
        "MinCount=1&MaxCount=1&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.0.1"
        "&NetworkInterface.1.AssociatePublicIpAddress=true"
    )
    assert parse("RunInstances", body)["NetworkInterfaces"] == [
        {"PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.1"}], "AssociatePublicIpAddress": True}
    ]


def test_lists_in_the_form_of_query_are_refused() -> None:
    """`Filter.member.1` is no filter, and must not pass for none."""
    with pytest.raises(AwsError, match="not the number of an element"):
        parse("DescribeInstances", "Filter.member.1.Name=a")


def test_answers_have_no_wrapper() -> None:
    """Members stand beside the request id, lists under `item`."""
    output = {"Reservations": [{"ReservationId": "r", "Instances": [{"InstanceId": "i"}]}]}
    response = codec("ec2", "DescribeInstances", "ec2").serialize(output, "r-1")
    root = ET.fromstring(response.body)
    assert root.tag == f"{NS}DescribeInstancesResponse"
    assert [child.tag for child in root] == [f"{NS}requestId", f"{NS}reservationSet"]
    path = f"{NS}reservationSet/{NS}item/{NS}instancesSet/{NS}item/{NS}instanceId"
    assert (root.findtext(f"{NS}requestId"), root.findtext(path)) == ("r-1", "i")
    assert dict(response.headers)["x-amzn-RequestId"] == "r-1"
