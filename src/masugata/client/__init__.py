"""A client of AWS's APIs as small as our own verbs need it: signed calls of query and json services.

It knows operations from botocore's models as data, and neither botocore nor sockets: what carries a request is
an argument, so the same calls go over HTTP to a server, or in the process to a gateway.
"""

from masugata.client.client import Client, Keys, Send
from masugata.client.http import HttpTransport

__all__ = ["Client", "HttpTransport", "Keys", "Send"]
