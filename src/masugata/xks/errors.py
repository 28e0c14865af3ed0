"""What can go wrong between this service and a proxy."""

from enum import Enum

from masugata.errors import MasugataError


class Failure(Enum):
    """What sort of a failure it was; the texts are for people."""

    NOT_REACHABLE = "cannot be reached"
    TIMED_OUT = "did not answer in time"
    TLS = "does not show a certificate that is trusted for its name"
    INVALID_RESPONSE = "gave an answer that is not valid"
    REFUSED = "refused"
    UNAVAILABLE = "says that no key manager behind it is available"


class ProxyError(MasugataError):
    """A proxy did not do what it was asked for.

    `error_name` is the proxy's own, of those that the specification has, where it refused. The text may have
    addresses in it: it is not for callers.
    """

    def __init__(self, failure: Failure, message: str = "", *, error_name: str = "") -> None:
        super().__init__(message or failure.value)
        self.failure = failure
        self.error_name = error_name
