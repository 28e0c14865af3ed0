"""What a caller is told while the keeper cannot be asked."""

from masugata.errors import AwsError
from masugata.keeper import KeeperUnavailableError, RootKeyError, SealedError


def keeper_unavailable(error: BaseException) -> AwsError | None:
    """The answer to whom the keeper could not serve just now; None for any other error."""
    match error:
        case SealedError():
            text = "masugata is sealed, so no key can be used: run `masugata keys unseal`."
        case KeeperUnavailableError():
            text = "The keeper does not answer; try again."
        case RootKeyError():
            text = "The keeper cannot open its root key; `masugata doctor` says why."
        case _:
            return None
    return AwsError("ServiceUnavailable", text, 503)
