"""A client of AWS's APIs as small as our own verbs need it: signed calls of query and json services.

It knows operations from botocore's models as data, and imports no botocore. What carries a request is an
argument, so the same calls go over HTTP to a server, or in the process to a gateway.
"""

from masugata.client.client import Client, Send
from masugata.client.http import HttpTransport
from masugata.client.signing import Keys

__all__ = ["Client", "HttpTransport", "Keys", "Send"]
