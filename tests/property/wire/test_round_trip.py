"""Every operation, with botocore as the client half: what one says, the other understands."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.wire import load_service, service_names
from property.wire.client import client_model
from property.wire.round_trip import (
    NIGHTLY,
    Counts,
    check_error,
    check_input,
    check_operation,
    check_output,
    operations,
    streams_events,
)

# What is served, or will be; and small samples of the protocols that none of these speaks.
SERVICES = (
    "iam", "sts", "cloudtrail", "organizations", "kms", "wafv2", "shield", "inspector2", "guardduty",
    "artifact", "accessanalyzer", "securityhub", "fms", "account", "ram", "sso-admin", "identitystore",
)  # fmt: skip
SAMPLES = {"ec2": 40, "s3": 116, "sns": 42, "sqs": 23}
SPOKEN = [
    (service, protocol) for service in (*SERVICES, *SAMPLES) for protocol in load_service(service).protocols
]


@pytest.fixture
def counts(record_property) -> Iterator[Counts]:
    """Counts that end up in pytest's summary."""
    counted = Counts()
    yield counted
    record_property("round trips", counted.as_json())


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_all_operations(service: str, protocol: str, counts: Counts) -> None:
    """What botocore sends for any operation is what our parser reads, and the other way round."""
    every = list(operations(service))
    for operation in every[:: max(1, len(every) // SAMPLES.get(service, len(every)))]:
        check_operation(service, protocol, operation, counts)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_all_modelled_errors(service: str, protocol: str, counts: Counts) -> None:
    """Every error of the model reaches botocore with its code, message, status and members."""
    for shape in client_model(service).error_shapes:
        check_error(service, protocol, shape, counts)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_searched_values(service: str, protocol: str, data: st.DataObject) -> None:
    """The same, with operations and values that Hypothesis chooses and shrinks."""
    name = data.draw(st.sampled_from(client_model(service).operation_names))
    operation = client_model(service).operation_model(name)
    if streams_events(operation):
        return
    random = data.draw(st.randoms(use_true_random=False))
    check_input(service, protocol, operation, random, Counts(), dense=False)
    check_output(service, protocol, operation, random, Counts(), dense=False)


@pytest.mark.nightly
@pytest.mark.parametrize("service", sorted(service_names()))
def test_every_model(service: str, counts: Counts) -> None:
    """All of it for all services that botocore has, in each protocol that a model lists."""
    for protocol in load_service(service).protocols:
        for operation in operations(service):
            check_operation(service, protocol, operation, counts, NIGHTLY)
        for shape in client_model(service).error_shapes:
            check_error(service, protocol, shape, counts)
