"""What can go wrong, as data."""

from typing import Any


class MasugataError(Exception):
    """Root of every error this package raises on purpose."""


class AwsError(MasugataError):
    """An error that AWS's API would answer, as data.

    `code` is the canonical code, the one of the query protocol (`AccessDenied`, `ValidationError`);
    the wire layer translates it to the name each protocol uses. `fields` holds modelled members
    beyond the message; `encoded_message`, if set, is what DecodeAuthorizationMessage can open, and
    `denied_by` the sort of policy that said no.
    """

    def __init__(self, code: str, message: str, status: int = 400, /, **fields: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.encoded_message: str | None = None
        self.denied_by: str | None = None
