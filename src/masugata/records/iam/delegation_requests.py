"""Requests of one account for temporary access to another, and what became of them."""

from datetime import datetime, timedelta

import msgspec

from masugata.records.kind import Kind

# How long a request may stay in a state, as AWS documents it; in EXPIRED it stays until it is removed.
LIFETIMES = {
    "UNASSIGNED": timedelta(days=1),
    "ASSIGNED": timedelta(days=7),
    "PENDING_APPROVAL": timedelta(days=7),
    "ACCEPTED": timedelta(days=7),
    "REJECTED": timedelta(days=7),
    "FINALIZED": timedelta(days=7),
}


class PolicyParameter(msgspec.Struct, frozen=True, kw_only=True):
    """A value for a template: a text, or with the type `stringList` several."""

    name: str
    values: tuple[str, ...]
    type: str


class Approver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who accepted a request: the identity whose rights the other account gets, within the policy.

    `kind` is `user` or `role-session`, `issuer_id` the unique id of the user or role; `name`, `tags`,
    `transitive_tag_keys`, `source_identity`, `provider` and `provider_keys` are those of a role session.
    `accepted` is when, in seconds since the epoch.
    """

    arn: str
    kind: str
    issuer_id: str
    name: str = ""
    source_identity: str | None = None
    tags: dict[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    provider: str | None = None
    provider_keys: dict[str, str | list[str]] = {}
    accepted: int | None = None


class DelegationRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request, kept in the account that made it.

    `policy` is the template as it was then, with its parameters filled in: what is reviewed is what is
    granted. The owner is the identity of the other account that took the request on; `owner_user_id` is
    its unique id, so that a namesake made later is not the owner. `session_duration` is in seconds, from
    `finalize_date` on.
    """

    version: int = 1
    id: str
    requester: str
    state: str = "UNASSIGNED"
    description: str
    request_message: str | None = None
    template_arn: str
    parameters: tuple[PolicyParameter, ...] = ()
    policy: str
    workflow_id: str
    redirect_url: str | None = None
    session_duration: int
    only_send_by_owner: bool = False
    create_date: datetime
    update_date: datetime
    owner_account: str | None = None
    owner_arn: str | None = None
    owner_user_id: str | None = None
    approver: Approver | None = None
    finalize_date: datetime | None = None
    notes: str | None = None
    rejection_reason: str | None = None

    @property
    def expiration(self) -> datetime:
        """When the request expires in the state that it is in."""
        return self.update_date + LIFETIMES[self.state]

    def state_at(self, now: datetime) -> str:
        """The state, which is EXPIRED once its time is over."""
        return self.state if now < self.expiration else "EXPIRED"

    @property
    def access_ends(self) -> datetime | None:
        """When the delegated access ends, once it began."""
        return self.finalize_date and self.finalize_date + timedelta(seconds=self.session_duration)


DELEGATION_REQUEST = Kind(
    "iam",
    "delegation-request",
    DelegationRequest,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("workflow", f"{r.requester}/{r.workflow_id}")],
    references=lambda r: [("owner", r.owner_account)] if r.owner_account else (),
)
