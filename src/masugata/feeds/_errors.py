"""What is wrong with feeds."""

from masugata.errors import MasugataError


class FeedError(MasugataError):
    """A feed cannot be fetched, or is not what it should be; what was kept before stays."""
