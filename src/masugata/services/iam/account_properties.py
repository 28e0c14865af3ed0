"""Operations on what an account has set for itself: properties, and preferences of STS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_role-manager_enable-use.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import ACCOUNT_PREFERENCES, ONE_PER_ACCOUNT, AccountPreferences
from masugata.services.iam._common import invalid_input

if TYPE_CHECKING:
    from masugata_types import iam as shapes

_ROLE_MANAGER = "RoleManager/Enabled"
_TOKEN_VERSIONS = {"v1Token": 1, "v2Token": 2}


def get_account_properties(
    _call: Call, _request: Mapping[str, object]
) -> "shapes.GetAccountPropertiesResponse":
    """The account's properties. The one that AWS has is whether role manager is enabled: it is not."""
    return {"Properties": {_ROLE_MANAGER: "false"}}


def put_account_properties(
    _call: Call, request: "shapes.PutAccountPropertiesRequest"
) -> "shapes.PutAccountPropertiesResponse":
    """Set properties of one namespace. Raises InvalidInput, and NotImplemented for role manager."""
    properties = request["Properties"]
    if not properties:
        raise invalid_input("At least one property must be given.")
    for name in properties:
        if name.count("/") != 1 or name.startswith("/") or name.endswith("/"):
            raise invalid_input(f"The property {name} is not in the form Namespace/PropertyName.")
    namespaces = {name.partition("/")[0] for name in properties}
    if len(namespaces) > 1:
        raise invalid_input(
            f"All properties must be of one namespace, not of {', '.join(sorted(namespaces))}."
        )
    for name, value in properties.items():
        _check_property(name, value)
    return {}


def _check_property(name: str, value: str) -> None:
    if name != _ROLE_MANAGER:
        raise invalid_input(f"The property {name} does not exist.")
    if value == "true":
        raise AwsError(
            "NotImplemented",
            "Role manager cannot be enabled: the role templates that it makes roles from are AWS's own.",
            501,
        )
    if value != "false":
        raise invalid_input(f"The property {name} must be true or false, not {value}.")


def set_security_token_service_preferences(
    call: Call, request: "shapes.SetSecurityTokenServicePreferencesRequest"
) -> dict[str, object]:
    """Choose the version of the global endpoint's tokens, which GetAccountSummary tells."""
    version = _TOKEN_VERSIONS[request["GlobalEndpointTokenVersion"]]
    changed = msgspec.structs.replace(preferences(call), global_endpoint_token_version=version)
    call.transaction.put(ACCOUNT_PREFERENCES, call.account, changed)
    return {}


def preferences(call: Call) -> AccountPreferences:
    """What the account has set, or AWS's defaults."""
    found = call.records.get(ACCOUNT_PREFERENCES, call.account, ONE_PER_ACCOUNT)
    return AccountPreferences() if found is None else found
