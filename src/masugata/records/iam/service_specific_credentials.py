"""Passwords and API keys of users that one service takes."""

from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class ServiceSpecificCredential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A generated name and secret for one `service` (`codecommit.amazonaws.com`).

    The secret is sealed under `id`. `service_name` is what the service knows the user by; `expiration` is
    None for what does not expire.
    """

    version: int = 1
    id: str
    owner_id: str
    service: str
    service_name: str
    secret: bytes
    active: bool = True
    create_date: datetime
    expiration: datetime | None = None

    def status(self, now: datetime) -> str:
        """Active, Inactive or Expired."""
        if self.expiration is not None and self.expiration <= now:
            return "Expired"
        return "Active" if self.active else "Inactive"


SERVICE_SPECIFIC_CREDENTIAL = Kind(
    "iam",
    "service-specific-credential",
    ServiceSpecificCredential,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("owner", r.owner_id)],
)
