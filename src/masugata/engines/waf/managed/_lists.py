"""Lists of addresses that are kept up to date outside of the groups."""

from collections.abc import Mapping

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.managed._bots import BOTS

Lists = Mapping[str, AddressSet]
"""By name, one of `LIST_NAMES`; one that is missing is empty, or of a robot only what is built in."""

REPUTATION = "reputation"
RECONNAISSANCE = "reconnaissance"
DDOS = "ddos"
ANONYMOUS = "anonymous"
HOSTING = "hosting"
LIST_NAMES = (
    REPUTATION,
    RECONNAISSANCE,
    DDOS,
    ANONYMOUS,
    HOSTING,
    *sorted({f"bot-{bot.feed}" for bots in BOTS.values() for bot in bots if bot.feed}),
)
NOBODY = AddressSet(())
