"""Operations on handshakes, whatever they are about.

Only who is asked accepts or declines, only who asked cancels. What a handshake does once it is accepted is in
the file of its action.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT
from masugata.records.organizations import HANDSHAKE, Handshake, recipient_of
from masugata.services.organizations import all_features, invitations, transfer_invitations
from masugata.services.organizations._common import acting_organization, invalid_input, not_permitted, page
from masugata.services.organizations._handshakes import (
    ADD_LINKED_ROLE,
    APPROVE_ALL_FEATURES,
    ENABLE_ALL_FEATURES,
    INVITE,
    TRANSFER_RESPONSIBILITY,
    end,
    find_handshake,
    handshake_shape,
    is_shown,
)

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_Act = Callable[[Call, str, Handshake], None]
# What accepting does, before it is written down; it raises if it cannot be done.
_ACCEPTING: Final[Mapping[str, _Act]] = {
    INVITE: invitations.join_organization,
    APPROVE_ALL_FEATURES: all_features.restore_linked_role,
    ADD_LINKED_ROLE: all_features.restore_linked_role,
    ENABLE_ALL_FEATURES: all_features.finish,
    TRANSFER_RESPONSIBILITY: transfer_invitations.take_effect,
}
_CANCELLED: Final = frozenset({INVITE, ENABLE_ALL_FEATURES, TRANSFER_RESPONSIBILITY})
_DECLINED: Final = frozenset({INVITE, APPROVE_ALL_FEATURES, ADD_LINKED_ROLE, TRANSFER_RESPONSIBILITY})


def accept_handshake(
    call: Call, request: "shapes.AcceptHandshakeRequest"
) -> "shapes.AcceptHandshakeResponse":
    """Agree to what is asked, which then happens; for the account that is asked.

    Raises HandshakeNotFoundException, AccessDeniedException, HandshakeAlreadyInStateException,
    InvalidHandshakeTransitionException, and what the action raises.
    """
    management, handshake = _asked(call, request["HandshakeId"])
    if handshake.action == ENABLE_ALL_FEATURES and handshake.state_at(call.now) == "REQUESTED":
        raise _no_way(handshake, "REQUESTED", "ACCEPTED")
    _check_open(call, handshake, "ACCEPTED")
    _ACCEPTING[handshake.action](call, management, handshake)
    return {"Handshake": _ended(call, management, handshake, "ACCEPTED", by=call.account)}


def decline_handshake(
    call: Call, request: "shapes.DeclineHandshakeRequest"
) -> "shapes.DeclineHandshakeResponse":
    """Refuse what is asked; for the account that is asked. Raises as `accept_handshake`."""
    management, handshake = _asked(call, request["HandshakeId"])
    _check_open(call, handshake, "DECLINED")
    if handshake.action not in _DECLINED:
        raise _no_way(handshake, handshake.state, "DECLINED")
    return {"Handshake": _ended(call, management, handshake, "DECLINED", by=call.account)}


def cancel_handshake(
    call: Call, request: "shapes.CancelHandshakeRequest"
) -> "shapes.CancelHandshakeResponse":
    """Ask no longer; for the management account that asked. Raises as `accept_handshake`.

    The consent of single members cannot be dispensed with, only that of all by ending the whole process.
    """
    management, handshake = find_handshake(call, request["HandshakeId"])
    if call.account != management:
        raise not_permitted()
    _check_open(call, handshake, "CANCELED")
    if handshake.action not in _CANCELLED:
        raise _no_way(handshake, handshake.state, "CANCELED")
    for child in call.records.referring(HANDSHAKE, management, "parent", handshake.id):
        if child.is_open(call.now):
            end(call.transaction, management, child, "CANCELED", call.now)
    return {"Handshake": _ended(call, management, handshake, "CANCELED")}


def describe_handshake(
    call: Call, request: "shapes.DescribeHandshakeRequest"
) -> "shapes.DescribeHandshakeResponse":
    """One handshake, for both who asked and who is asked; raises HandshakeNotFoundException."""
    management, handshake = find_handshake(call, request["HandshakeId"])
    return {"Handshake": handshake_shape(call, management, handshake)}


def list_handshakes_for_account(
    call: Call, request: "shapes.ListHandshakesForAccountRequest"
) -> "shapes.ListHandshakesForAccountResponse":
    """What the caller's account is or was asked, by any organization; raises InvalidInputException."""
    account = call.records.get(ACCOUNT, call.account, call.account)
    email = "" if account is None else account.root_email.lower()
    received: dict[str, tuple[str, Handshake]] = {}
    for management, _ in call.records.partitions(HANDSHAKE):
        found = call.records.referring(HANDSHAKE, management, "account", call.account)
        if email:
            found += call.records.referring(HANDSHAKE, management, "email", email)
        for handshake in found:
            if recipient_of(call.records, handshake) == call.account:
                received[handshake.id] = management, handshake
    return _listed(call, request, "handshakes-for-account", received.values())


def list_handshakes_for_organization(
    call: Call, request: "shapes.ListHandshakesForOrganizationRequest"
) -> "shapes.ListHandshakesForOrganizationResponse":
    """What the organization asks or asked of others; raises InvalidInputException."""
    organization = acting_organization(call)
    management = organization.management_account
    sent = [
        (management, handshake)
        for handshake in call.records.scan(HANDSHAKE, management)
        if handshake.organization == organization.id
    ]
    return _listed(call, request, "handshakes-for-organization", sent)


def _listed(
    call: Call, request: Mapping[str, Any], name: str, handshakes: Iterable[tuple[str, Handshake]]
) -> "shapes.ListHandshakesForAccountResponse":
    """One page of those that the filter lets through, by id."""
    wanted: Mapping[str, str] = request.get("Filter") or {}
    if len(wanted) > 1:
        raise invalid_input(
            "MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter for the operation."
        )
    action, parent = wanted.get("ActionType"), wanted.get("ParentHandshakeId")
    shown = [
        (management, handshake)
        for management, handshake in sorted(handshakes, key=lambda found: found[1].id)
        if is_shown(handshake, call.now)
        and action in {None, handshake.action}
        and parent in {None, handshake.parent}
    ]
    found, rest = page(request, name, shown, lambda item: item[1].id)
    return {"Handshakes": [handshake_shape(call, *item) for item in found], **rest}


def _asked(call: Call, handshake_id: str) -> tuple[str, Handshake]:
    """A handshake that the caller's account is asked by; raises AccessDeniedException."""
    management, handshake = find_handshake(call, handshake_id)
    if recipient_of(call.records, handshake) != call.account:
        raise not_permitted()
    return management, handshake


def _check_open(call: Call, handshake: Handshake, wanted: str) -> None:
    state = handshake.state_at(call.now)
    if state == wanted:
        raise AwsError(
            "HandshakeAlreadyInStateException",
            f"The handshake {handshake.id} is already in the state {wanted}.",
            400,
        )
    if not handshake.is_open(call.now):
        raise _no_way(handshake, state, wanted)


def _no_way(handshake: Handshake, state: str, wanted: str) -> AwsError:
    return AwsError(
        "InvalidHandshakeTransitionException",
        f"You can't change the state of the handshake {handshake.id} from {state} to {wanted}.",
        400,
    )


def _ended(call: Call, management: str, handshake: Handshake, state: str, by: str = "") -> "shapes.Handshake":
    """Write down how a handshake ended; the one that waits for it, if there is one, is looked at again."""
    ended = end(call.transaction, management, handshake, state, call.now, by)
    all_features.look_again(call, management, ended)
    call.touches("AWS::Organizations::Handshake", ended.id)
    return handshake_shape(call, management, ended)
