"""What an account has set for itself."""

import msgspec

from masugata.records.iam.one_per_account import ONE_PER_ACCOUNT
from masugata.records.kind import Kind


class AccountPreferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings of an account that are nobody's entity; what was never set has AWS's default."""

    version: int = 1
    global_endpoint_token_version: int = 1


ACCOUNT_PREFERENCES = Kind(
    "iam",
    "account-preferences",
    AccountPreferences,
    key=lambda _: ONE_PER_ACCOUNT,
    names=lambda _: (),
    references=lambda _: (),
)
