"""What a SigV4 signature says about itself."""

from datetime import datetime

import msgspec

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

# S3 encodes the path once, does not normalise it and allows payloads outside the signature.
S3_SIGNING_NAMES = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A signature as the request states it: parsed, not yet believed.

    `date` is the credential scope's day (YYYYMMDD) and `amz_date` the moment of signing as it stands
    in the string to sign (YYYYMMDD'T'HHMMSS'Z'); `timestamp` is that moment in UTC. `signed_headers`
    are lower case and sorted. `expires` is X-Amz-Expires in seconds, None where there is none.
    """

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    amz_date: str
    timestamp: datetime
    session_token: str | None = None
    presigned: bool = False
    expires: int | None = None
