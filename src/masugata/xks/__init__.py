"""The XKS proxy API, version 1, the client's half: a key manager elsewhere that encrypts and decrypts.

Whoever may make a custom key store names a proxy, and what it answers is a stranger's: it is read with limits
on time and size, and nothing is taken for right that could not be checked.
Specification: https://github.com/aws/aws-kms-xksproxy-api-spec
"""

from masugata.xks.answers import ExternalKey
from masugata.xks.connections import Connections
from masugata.xks.errors import Failure, ProxyError
from masugata.xks.proxy import Address, Asker, XksProxy

__all__ = ["Address", "Asker", "Connections", "ExternalKey", "Failure", "ProxyError", "XksProxy"]
