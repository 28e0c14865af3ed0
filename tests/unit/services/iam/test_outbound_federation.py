"""Enabling and disabling the account as an issuer of tokens."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from policies import allow
from support import House
from unit.gateway.people import user


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def test_enable_and_disable(house: House) -> None:
    """The issuer is told by both operations; each state can be entered from the other only."""
    iam = house.client("iam")
    for call in (iam.disable_outbound_web_identity_federation, iam.get_outbound_web_identity_federation_info):
        with pytest.raises(ClientError, match="FeatureDisabled"):
            call()
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith("http://localhost:4566/_masugata/oidc/")
    with pytest.raises(ClientError, match="FeatureEnabled"):
        iam.enable_outbound_web_identity_federation()
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True)
    iam.disable_outbound_web_identity_federation()
    with pytest.raises(ClientError, match="FeatureDisabled"):
        iam.get_outbound_web_identity_federation_info()
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer


def test_without_permission(house: House) -> None:
    """Each operation is an action of its own."""
    iam = house.client("iam", user(house, "alice", allow("iam:GetOutboundWebIdentityFederationInfo")))
    for call in (iam.enable_outbound_web_identity_federation, iam.disable_outbound_web_identity_federation):
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    with pytest.raises(ClientError, match="FeatureDisabled"):
        iam.get_outbound_web_identity_federation_info()
