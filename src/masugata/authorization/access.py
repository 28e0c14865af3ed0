"""One permission that a call needs: an action on a resource, in a context."""

from collections.abc import Mapping

import msgspec

ContextValue = str | list[str]
Context = Mapping[str, ContextValue]


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a resource.

    `resource` is an ARN or `*`; `resource_account` the account that owns it (None for `*`);
    `context` holds the condition keys that describe this resource and request beyond the global
    ones. `trust_policy` is set where the resource is a role that is to be assumed: its stored trust
    policy, or the empty text for a role that does not exist.
    """

    action: str
    resource: str
    resource_account: str | None
    context: Context = {}
    trust_policy: str | None = None
