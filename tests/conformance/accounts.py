"""What an account has once: alias, numbers, inventory, properties and preferences."""

from typing import Any


def account(iam: Any) -> None:
    """The account's alias, numbers and inventory, when it has one user, role and policy of its own."""
    iam.create_account_alias(AccountAlias="coffee-shop")
    assert iam.list_account_aliases()["AccountAliases"] == ["coffee-shop"]
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Roles"], summary["Policies"]) == (1, 1, 1)
    details = iam.get_account_authorization_details()
    assert [item["RoleName"] for item in details["RoleDetailList"]] == ["Cook"]
    iam.delete_account_alias(AccountAlias="coffee-shop")


def preferences(iam: Any) -> None:
    """The account's properties, and the version of the tokens of the global endpoint."""
    properties = iam.get_account_properties()["Properties"]
    assert properties == {"RoleManager/Enabled": "false"}
    iam.put_account_properties(Properties=properties)
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2


PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "get_account_authorization_details": ({"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]}, 3),
    "list_account_aliases": ({}, 0),
}
