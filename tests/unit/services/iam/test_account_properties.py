"""Account properties, and the version of the global endpoint's tokens."""

import pytest

ENABLED = "RoleManager/Enabled"


def test_role_manager_is_off_and_can_stay_off(iam):
    """The one property that AWS has is false, and may be set to what it is."""
    assert iam("GetAccountProperties") == {"Properties": {ENABLED: "false"}}
    assert iam("PutAccountProperties", Properties={ENABLED: "false"}) == {}
    assert iam("GetAccountProperties") == {"Properties": {ENABLED: "false"}}


def test_role_manager_cannot_be_enabled(iam):
    """It would make roles from templates that are AWS's own, which is said rather than pretended."""
    code, message, status = iam.fails("PutAccountProperties", Properties={ENABLED: "true"})
    assert (code, status) == ("NotImplemented", 501)
    assert "role templates" in message


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({}, "At least one"),
        ({"RoleManager": "false"}, "Namespace/PropertyName"),
        ({"RoleManager/Enabled/Other": "false"}, "Namespace/PropertyName"),
        ({"RoleManager/": "false"}, "Namespace/PropertyName"),
        ({ENABLED: "false", "Other/Enabled": "false"}, "one namespace"),
        ({"Other/Enabled": "false"}, "does not exist"),
        ({ENABLED: "false", "RoleManager/Other": "false"}, "does not exist"),
        ({ENABLED: "FALSE"}, "true or false"),
        ({ENABLED: "0"}, "true or false"),
    ],
)
def test_bad_properties(iam, properties, text):
    """What is not a property of one namespace with a value of its type is InvalidInput."""
    code, message, status = iam.fails("PutAccountProperties", Properties=properties)
    assert (code, status) == ("InvalidInput", 400)
    assert text in message


def test_token_version(iam):
    """GetAccountSummary tells the version that was chosen last, and 1 before."""
    summary = lambda: iam("GetAccountSummary")["SummaryMap"]["GlobalEndpointTokenVersion"]  # noqa: E731
    assert summary() == 1
    for name, number in (("v2Token", 2), ("v1Token", 1)):
        iam("SetSecurityTokenServicePreferences", GlobalEndpointTokenVersion=name)
        assert summary() == number
