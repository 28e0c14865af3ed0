"""What a signature says about itself."""

from datetime import datetime

import msgspec

HMAC = "AWS4-HMAC-SHA256"
"""SigV4: a symmetric key of one day, Region and service."""
ECDSA = "AWS4-ECDSA-P256-SHA256"
"""SigV4a: a key pair for every day, Region and service; the Regions are signed apart."""
TERMINATOR = "aws4_request"

# S3 encodes the path once, does not normalise it and allows payloads outside the signature.
S3_SIGNING_NAMES = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as the request states it: parsed, not yet believed.

    `date` is the credential scope's day (YYYYMMDD) and `amz_date` the moment of signing as it stands
    in the string to sign (YYYYMMDD'T'HHMMSS'Z'); `timestamp` is that moment in UTC. `signed_headers`
    are lower case and sorted. `expires` is X-Amz-Expires in seconds, None where there is none.
    `region` is the Region that the call counts for: with SigV4 the scope's, with SigV4a one that
    `region_set` (X-Amz-Region-Set, empty with SigV4) covers.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    amz_date: str
    timestamp: datetime
    algorithm: str = HMAC
    region_set: tuple[str, ...] = ()
    session_token: str | None = None
    presigned: bool = False
    expires: int | None = None

    @property
    def scope(self) -> str:
        """The credential scope as it stands in the string to sign; SigV4a's has no Region."""
        if self.algorithm == ECDSA:
            return f"{self.date}/{self.service}/{TERMINATOR}"
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"
