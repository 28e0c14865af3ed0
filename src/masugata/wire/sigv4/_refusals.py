"""How AWS words a refused signature.

The texts are those AWS's services answer; codes are the query protocol's. Values from the request
are cut and made printable before they enter a message, and whatever may hold a secret (a whole
Authorization header, a secret key sent where the key id belongs) is hashed or masked.
"""

import hashlib
from base64 import b64encode

from masugata.errors import AwsError

_SHOWN = 128


def incomplete(message: str) -> AwsError:
    """The signature's form is wrong: IncompleteSignature, 400."""
    return AwsError("IncompleteSignature", message, 400)


def mismatch(message: str) -> AwsError:
    """The form is right and the signature does not hold: SignatureDoesNotMatch, 403.

    AWS's SDKs count this code (and the JSON protocols' InvalidSignatureException) among those that
    make them compare their clock with the `Date` of the answer and sign again.
    """
    return AwsError("SignatureDoesNotMatch", message, 403)


def invalid_token() -> AwsError:
    """The access key id or session token cannot be one of ours: InvalidClientTokenId, 403."""
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def missing_authentication_token() -> AwsError:
    """The error for a request without any authentication where the operation needs one."""
    return AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)


def unsupported(algorithm: str) -> AwsError:
    """Another algorithm than ours: named if it looks like a name, else only hashed."""
    plain = algorithm.isascii() and algorithm.replace("-", "").isalnum() and len(algorithm) <= 40
    name = algorithm if plain else hashed(algorithm)
    return incomplete(
        f"Unsupported AWS 'algorithm': '{name}' (only AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256 for now). "
    )


def must_be_signed(header: str) -> AwsError:
    """A header that has to be covered by the signature is not."""
    return mismatch(f"'{shown(header)}' must be a 'SignedHeader' in the AWS Authorization.")


def hashed(text: str) -> str:
    """SHA-256 in Base64, AWS's way to mention an Authorization header without repeating it."""
    return b64encode(hashlib.sha256(raw(text)).digest()).decode()


def shown(text: str) -> str:
    """`text` fit for a message: printable ASCII, at most 128 characters."""
    return "".join([c if " " <= c <= "~" else "?" for c in text[:_SHOWN]])


def raw(text: str) -> bytes:
    """The bytes behind text that came off the wire.

    HTTP messages are decoded as latin-1 (ASGI's rule). Text that latin-1 cannot hold was decoded by
    somebody else, and can only be UTF-8.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
