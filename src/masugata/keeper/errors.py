"""What can go wrong with key material."""

from masugata.errors import MasugataError


class KeeperError(MasugataError):
    """Root of the keeper's errors."""


class SealBrokenError(KeeperError):
    """A sealed blob was not made by this keeper for this purpose and identity, or was changed."""


class RootKeyError(KeeperError):
    """The root key cannot be used; the text says what to do."""


class RootKeyMissingError(RootKeyError):
    """There is no root key where one is needed to open what was sealed before."""


class InvalidInputError(KeeperError):
    """The key cannot do this with what it was given; which part is wrong, the text says."""


class SealedError(KeeperError):
    """The root key is sealed: nothing can be opened, sealed or signed until somebody unseals it."""


class KeeperUnavailableError(KeeperError):
    """The keeper did not answer in time; the request can be made again."""


class KeeperFailedError(KeeperError):
    """The keeper failed at what it was asked; its log has the place, and nothing of what was asked."""
