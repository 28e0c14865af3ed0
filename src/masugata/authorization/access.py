"""One permission that a call needs: an action on a resource, in a context."""

from collections.abc import Mapping

import msgspec

from masugata.engines.policy import KeyGrant

ContextValue = str | list[str]
Context = Mapping[str, ContextValue]

_RESOURCE_TAGS = ("aws:ResourceTag/", "iam:ResourceTag/")


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """An action on a resource.

    `resource` is an ARN or `*`; `resource_account` the account that owns it (None for `*`);
    `context` holds the condition keys that describe this resource and request beyond the global
    ones. `trust_policy` is set where the resource is a role that is to be assumed: its stored trust
    policy, or the empty text for a role that does not exist. `resource_policy` is the resource's own
    policy, where it has one, or the empty text where it could have one and that allows nobody.
    `key_grants` are those of a KMS key whose constraints the request meets; `rcp_exempt` is set for what
    RCPs do not bind though they bind its service. `stranger` is the same permission as it is where nothing
    is known of the resource but what the request says: a denial is told from it, and calls the resource
    `called` where a policy on the resource's side would say more.
    """

    action: str
    resource: str
    resource_account: str | None
    context: Context = {}
    trust_policy: str | None = None
    resource_policy: str | None = None
    key_grants: tuple[KeyGrant, ...] = ()
    rcp_exempt: bool = False
    stranger: "Access | None" = None
    called: str = ""

    def of_another_account(self, account: str) -> bool:
        """Whether the resource belongs to another account than this one."""
        return self.resource_account not in {None, account}

    def of_unknown_role(self, trust_policy: str) -> "Access":
        """The same permission on a role of which only the trust policy is known, and no tags."""
        context = {key: value for key, value in self.context.items() if not key.startswith(_RESOURCE_TAGS)}
        return msgspec.structs.replace(self, context=context, trust_policy=trust_policy)
