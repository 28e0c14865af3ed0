"""Which error a broken constraint becomes is the service's."""

import json

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest, codec
from masugata.wire.constraint_errors import OWN_ERRORS
from masugata.wire.constraints import Rule, Violation


def refusal(service, operation, value):
    """The error of a request."""
    body = json.dumps(value).encode()
    with pytest.raises(AwsError) as caught:
        codec(service, operation, "json-1.1").parse(HttpRequest(method="POST", path="/", body=body))
    return caught.value


def test_organizations_says_it_by_reason():
    """InvalidInputException with the first violation's reason, and no value of the request in it."""
    error = refusal("organizations", "CreateOrganizationalUnit", {"ParentId": "secret", "Name": ""})
    assert (error.code, error.status, error.fields) == (
        "InvalidInputException",
        400,
        {"Reason": "INVALID_PATTERN"},
    )
    assert "secret" not in error.message


def test_everybody_else_says_validation_error():
    """Services without an error of their own answer as before."""
    error = refusal("cloudtrail", "LookupEvents", {"LookupAttributes": [{"AttributeKey": "x"}]})
    assert (error.code, error.fields) == ("ValidationError", {})


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("service", OWN_ERRORS)
def test_every_rule_has_an_answer(service, rule):
    """No sort of constraint is without an error."""
    error = OWN_ERRORS[service]([Violation("name", "", "text", rule)])
    assert error.status == 400
