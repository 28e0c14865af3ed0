"""What a test can do wrong."""

from masugata.errors import MasugataError


class EndedError(MasugataError):
    """A client, or a session, outlived the `local_aws` that it was made in."""


class NoSuchPrincipalError(MasugataError):
    """A test wants to act as a user or role that does not exist."""
