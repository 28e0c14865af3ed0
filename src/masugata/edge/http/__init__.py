"""HTTP/1.1 messages on the wire, each with one reading: heads, chunks, and what is wrong with them."""

from masugata.edge.http.defects import BadMessageError
from masugata.edge.http.request import CHUNKED, RequestHead, parse_request

__all__ = ["CHUNKED", "BadMessageError", "RequestHead", "parse_request"]
