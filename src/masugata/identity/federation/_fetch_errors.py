"""Why a document of an identity provider cannot be had."""

from masugata.errors import MasugataError


class FetchError(MasugataError):
    """A document cannot be had; the text is for the log, not for whoever brought the token.

    `unreachable` says that trying later may help.
    """

    def __init__(self, message: str, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.unreachable = unreachable


class UntrustedCertificateError(FetchError):
    """Neither a known authority nor a thumbprint vouches for the provider's certificate."""
