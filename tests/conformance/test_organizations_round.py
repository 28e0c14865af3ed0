"""A tour through all built operations of Organizations with boto3, every answer held to the model."""

from pathlib import Path

from conformance import handshakes, organization_accounts, policies
from conformance.effective_policies import effective_policies
from conformance.inspector import Inspector
from conformance.organization_tree import organization_tree
from masugata.services import SERVICES
from support import House


def test_every_built_operation(tmp_path: Path) -> None:
    """All built operations answer, with every member that the model requires and times in milliseconds."""
    house = House(tmp_path)
    inspector = Inspector(house)
    inspector.resolution = 1000
    organizations = inspector.client("organizations")
    organizations.create_organization()
    organizations.describe_organization()
    organizations.list_roots()
    organizations.describe_account(AccountId="111122223333")
    policies.policies(organizations, "111122223333")
    handshakes.handshakes(inspector)
    effective_policies(organizations, "111122223333")
    organization_tree(inspector)
    organization_accounts.accounts(inspector)
    house.store.close()
    assert inspector.missing == set()
    assert inspector.outside == set()
    built = set(SERVICES["organizations"]) - organization_accounts.ALWAYS_REFUSED
    assert inspector.called["organizations"] == built
