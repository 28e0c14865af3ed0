"""Which values of a request managed rules look at, and where there are more than these."""

import pytest

from masugata.engines.waf.managed import Source
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.request import WebRequest
from masugata.engines.waf.statements._places import MOST_ARGUMENTS, MOST_RECODED, PARTS


def values(source: Source, query: bytes = b"", content_type: bytes = b"", body: bytes = b"") -> object:
    """What is looked at."""
    request = WebRequest(
        method=b"POST", uri_path=b"/", query_string=query, headers=((b"content-type", content_type),),
        body=body, body_size=len(body),
    )  # fmt: skip
    return PARTS[source].values(ParsedRequest(request, 65_536))


@pytest.mark.parametrize("between", [b"&", b"&&"])
def test_arguments_that_are_too_many(between: bytes) -> None:
    """Only those count that are not empty."""
    assert values(Source.QUERY_ARGUMENTS, between.join([b"a"] * MOST_ARGUMENTS)) == [
        b"a"
    ] * MOST_ARGUMENTS + [b"," * (MOST_ARGUMENTS - 1)]
    assert values(Source.QUERY_ARGUMENTS, between.join([b"a"] * (MOST_ARGUMENTS + 1))) is None


@pytest.mark.parametrize("charset", [b"cp037", b"utf-16"])
def test_fields_that_are_too_many_to_be_recoded(charset: bytes) -> None:
    """Of a form in a charset unlike ASCII; of others, and where nothing is escaped, each is looked at."""
    form = b"application/x-www-form-urlencoded"
    fields = [b"a=%7d"] * (MOST_RECODED + 1)
    assert values(Source.BODY, b"", form + b"; charset=" + charset, b"&".join(fields)) is None
    assert values(Source.BODY, b"", form + b"; charset=" + charset, b"&".join(fields[1:])) is not None
    assert values(Source.BODY, b"", form, b"&".join(fields)) is not None
    assert values(Source.BODY, b"", b"text/html; charset=" + charset, b"&".join(fields)) is not None


def test_what_has_escapes_is_decoded_whatever_stands_beside_it() -> None:
    """Arguments are decoded together, unless one of them has the byte that parts them."""
    assert values(Source.QUERY_ARGUMENTS, b"a=%41+b&c%3d=d") == [b"a", b"A b", b"c=", b"d"]
    assert values(Source.QUERY_ARGUMENTS, b"a=%41%ff+b&c%3d=\xff") == [b"a", b"A\xff b", b"c=", b"\xff"]
