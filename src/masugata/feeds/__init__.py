"""Lists and tables of addresses: those that come with the program, and newer ones that are fetched."""

from masugata.feeds._errors import FeedError
from masugata.feeds._kept import FEED_NAMES, TABLES, Feed, Feeds
from masugata.feeds._syncing import Outcome, take, update

__all__ = ["FEED_NAMES", "TABLES", "Feed", "FeedError", "Feeds", "Outcome", "take", "update"]
