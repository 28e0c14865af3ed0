"""Login profiles, which hold passwords, and the account's policy on them."""

from datetime import datetime

import msgspec

from masugata.records.iam.one_per_account import ONE_PER_ACCOUNT
from masugata.records.kind import Kind


class LoginProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The password of a user, or of the root user.

    `owner_id` is the user's unique id, or the account id for the root user. `change_date` is when the
    present password was set, `create_date` when the owner first had one. `hashes` are those of the
    present and the earlier passwords, sealed by the keeper under the owner's id; each sealing differs,
    so equal `hashes` are the same password, unchanged. `generation` is another one whenever somebody
    else than the owner sets the password: sessions that were signed in to before are over.
    """

    version: int = 1
    owner_id: str
    create_date: datetime
    change_date: datetime
    reset_required: bool = False
    hashes: bytes
    generation: str


class PasswordPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an account asks of its users' passwords; the defaults are those of UpdateAccountPasswordPolicy.

    `maximum_age` is in days, 0 for passwords that never expire; `reuse_prevention` is how many earlier
    passwords are refused. A `hard_expiry` of None was never set, which AWS shows otherwise than False.
    """

    version: int = 1
    minimum_length: int = 6
    require_symbols: bool = False
    require_numbers: bool = False
    require_uppercase: bool = False
    require_lowercase: bool = False
    allow_users_to_change: bool = False
    maximum_age: int = 0
    reuse_prevention: int = 0
    hard_expiry: bool | None = None


LOGIN_PROFILE = Kind(
    "iam",
    "login-profile",
    LoginProfile,
    key=lambda r: r.owner_id,
    names=lambda _: (),
    references=lambda r: [("owner", r.owner_id)],
)
PASSWORD_POLICY = Kind(
    "iam",
    "password-policy",
    PasswordPolicy,
    key=lambda _: ONE_PER_ACCOUNT,
    names=lambda _: (),
    references=lambda _: (),
)
