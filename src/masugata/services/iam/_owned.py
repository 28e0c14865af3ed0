"""What the credentials of users have in common: an owner, an id, and being active or not."""

from typing import NamedTuple, TypeVar

from masugata.call import Call
from masugata.identity.caller import CallerKind
from masugata.records.iam import AccessKey, ServiceSpecificCredential, SigningCertificate, SSHPublicKey, User
from masugata.records.kind import Kind
from masugata.services.iam._common import find_user, invalid_input, no_such_entity
from masugata.services.iam.users import calling_user

Owned = TypeVar("Owned", AccessKey, SigningCertificate, SSHPublicKey, ServiceSpecificCredential)


class Owner(NamedTuple):
    """A user, or the root user, which is the account and has no name."""

    id: str
    name: str | None


def owner_of(call: Call, user_name: str | None) -> Owner:
    """The user that is named; without a name, the caller, which may be the root user."""
    if user_name is None and call.caller.kind is CallerKind.ROOT:
        return Owner(call.account, None)
    user = user_or_caller(call, user_name)
    return Owner(user.id, user.name)


def user_or_caller(call: Call, user_name: str | None) -> User:
    """The user that is named; without a name, the caller, which must be a user."""
    return calling_user(call) if user_name is None else find_user(call, user_name)


def owned(call: Call, kind: Kind[Owned], owner_id: str) -> list[Owned]:
    """The owner's records of a kind, by id."""
    return sorted(call.records.referring(kind, call.account, "owner", owner_id), key=kind.key)


def find_owned(call: Call, kind: Kind[Owned], owner_id: str, identity: str, noun: str) -> Owned:
    """A record of this owner; another's is as unknown as one that does not exist. Raises NoSuchEntity."""
    record = call.records.get(kind, call.account, identity)
    if record is None or record.owner_id != owner_id:
        raise no_such_entity(f"The {noun} with id {identity} cannot be found.")
    return record


def is_active(status: str, noun: str) -> bool:
    """Whether a status that is to be set is Active; raises InvalidInput for any but that and Inactive."""
    if status not in ("Active", "Inactive"):
        raise invalid_input(f"The status of {noun} can be set to Active or Inactive, not to {status}.")
    return status == "Active"
