"""Values of 64 KB that are made to take the SQL detector long; the first is honest text."""

SIZE = 65_536
# What each asks of the detector: tries that fail, long tokens, many readings, several texts in one value.
_PIECES = {
    "text": b"It's the dogs' and cats' dinner; select one or two from the list. ",
    "quotes": b"'",
    "quotes behind letters": b"s'",
    "quotes of three kinds": b"'\"`",
    "escaped quotes": b"\\'",
    "conditions": b"' or ",
    "sums": b"1+",
    "parentheses before SELECT": b"(" * 65_000 + b"select",
    "subqueries": b"(select ",
    "queries": b"union select ",
    "semicolons": b";a",
    "statements": b"; drop ",
    "names of 20,000 parts": b"a.",
    "quoted names": b"`a`.",
    "dollars": b"$$",
    "accents": "é".encode(),
    "no spaces in Japanese": "日本".encode(),
    "comments within words": b"a/**/b",
    "comments that never end": b"'/*",
    "words split over strings": b"u','nion ",
    "quotes that look like others": "\u2019 or ".encode(),
    "dashes and such quotes": "\u2019\u2013".encode(),
    "all of these": "a/**/b un','ion \u2019; ".encode(),
    "calls": b"benchmark(1,",
    "names and equals signs": b"a=",
}  # fmt: skip
VALUES = {name: (piece * (SIZE // len(piece) + 1))[:SIZE] for name, piece in _PIECES.items()}
"""By what they are made of."""
