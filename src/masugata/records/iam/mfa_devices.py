"""Virtual MFA devices, assigned or not."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class WrongCodes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many wrong codes came in a row, and until when (epoch seconds) none is looked at."""

    count: int = 0
    wait_until: int = 0


class MfaDevice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A virtual MFA device.

    `seed` is sealed by the keeper under the device's path and name in its account. `owner_id` is the
    unique id of the user, or the account id for the root user; without an owner the device is
    unassigned. `drift` says how many time steps of 30 seconds the device is ahead of us; no code of
    `last_step` or earlier is accepted any more, whoever has the device later.
    """

    version: int = 1
    name: str
    path: str = "/"
    seed: bytes
    create_date: datetime
    owner_id: str | None = None
    enable_date: datetime | None = None
    drift: int = 0
    last_step: int = -1
    wrong_codes: WrongCodes = WrongCodes()
    wrong_pairs: WrongCodes = WrongCodes()
    tags: tuple[Tag, ...] = ()


def mfa_device_key(path: str, name: str) -> str:
    """The key of a device: names are unique under their path, without regard to case."""
    return f"{path}{name.lower()}"


MFA_DEVICE = Kind(
    "iam",
    "virtual-mfa-device",
    MfaDevice,
    key=lambda r: mfa_device_key(r.path, r.name),
    names=lambda _: (),
    references=lambda r: [("owner", r.owner_id)] if r.owner_id is not None else [],
)
