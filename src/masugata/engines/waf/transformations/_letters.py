"""Upper and lower case, of ASCII alone: the bytes of UTF-8 are not letters."""

from masugata.engines.waf.transformations._transformation import each

CAPITALS = each(bytes(range(0x41, 0x5B)))
SMALL = each(bytes(range(0x61, 0x7B)))
