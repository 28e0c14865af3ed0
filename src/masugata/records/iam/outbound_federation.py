"""An account as an issuer of JSON Web Tokens: its issuer id and the keys that it signs with."""

from datetime import datetime

import msgspec

from masugata.records.iam.one_per_account import ONE_PER_ACCOUNT
from masugata.records.kind import Kind


class IssuerKey(msgspec.Struct, frozen=True, kw_only=True):
    """One signing key.

    `id` is the `kid` of its tokens, `algorithm` RS256 or ES384. `public` is the JSON Web Key that is
    published; `secret` the private key in PKCS #8, sealed by the keeper under account and key id.
    """

    id: str
    algorithm: str
    create_date: datetime
    public: dict[str, str]
    secret: bytes


class OutboundFederation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Outbound web identity federation of one account, which stays when it is disabled.

    Tokens that were issued before must be verifiable until they expire, and the issuer is the account's
    for ever. `keys` are in the order of their creation; of each algorithm the last one signs.
    """

    version: int = 1
    issuer_id: str
    enabled: bool
    keys: tuple[IssuerKey, ...]


OUTBOUND_FEDERATION = Kind(
    "iam",
    "outbound-federation",
    OutboundFederation,
    key=lambda _: ONE_PER_ACCOUNT,
    names=lambda r: [("issuer", r.issuer_id)],
    references=lambda _: (),
)
