"""Who is invited, and whether they are already."""

import re
from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import (
    HandshakeParty,
    HandshakeResource,
    Organization,
    account_with_email,
    recipient_of,
)
from masugata.services.organizations._common import invalid_input
from masugata.services.organizations._handshakes import open_handshakes

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_EMAIL_LENGTH: Final = range(6, 65)


def read_target(call: Call, target: "shapes.HandshakeParty") -> tuple[HandshakeParty, Account | None]:
    """Who is asked, as a party, and the account; None for an e-mail address that is nobody's yet.

    Raises InvalidInputException.
    """
    kind, value = target["Type"], target["Id"]
    if kind == "ACCOUNT":
        account = call.records.get(ACCOUNT, value, value) if _ACCOUNT_ID.fullmatch(value) else None
        if account is None:
            raise invalid_input(
                "INVALID_PATTERN_TARGET_ID", f"You specified a target ID that isn't an account's: {value}."
            )
        return HandshakeParty(id=value, type="ACCOUNT"), account
    if kind == "EMAIL":
        if len(value) not in _EMAIL_LENGTH or _EMAIL.fullmatch(value) is None:
            raise invalid_input(
                "INVALID_EMAIL_ADDRESS_TARGET",
                f"You specified an invalid email address for the invited account owner: {value}.",
            )
        return HandshakeParty(id=value, type="EMAIL"), account_with_email(call.records, value)
    raise invalid_input(
        "INVALID_PARTY_TYPE_TARGET",
        f"You specified the wrong type of party: {kind}. It has to be ACCOUNT or EMAIL.",
    )


def notes(text: str | None) -> tuple[HandshakeResource, ...]:
    """What the sender adds in its own words, if anything."""
    return (HandshakeResource(type="NOTES", value=text),) if text else ()


def check_not_asked(
    call: Call, organization: Organization, action: str, target: HandshakeParty, account: Account | None
) -> None:
    """Raise DuplicateHandshakeException if the same was asked of the same already, by whichever name."""
    for handshake in open_handshakes(call.records, organization, action, call.now):
        if account is None:
            same = handshake.email == target.id.lower()
        else:
            same = recipient_of(call.records, handshake) == account.id
        if same:
            raise AwsError(
                "DuplicateHandshakeException",
                f"A handshake with the same action and target already exists: {handshake.id}.",
                400,
            )
