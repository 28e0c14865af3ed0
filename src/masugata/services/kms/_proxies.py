"""The proxies of external key stores, asked for a caller, and what KMS calls their failures.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/xks-troubleshooting.html
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import CustomKeyStore
from masugata.xks import Address, Asker, Failure, ProxyError, XksProxy

_log = logging.getLogger(__name__)

_UNREACHABLE: Final = "XksProxyUriUnreachableException"
_CREDENTIAL: Final = "XksProxyIncorrectAuthenticationCredentialException"
_CONFIGURATION: Final = "XksProxyInvalidConfigurationException"
_EXCEPTIONS: Final = {
    Failure.NOT_REACHABLE: _UNREACHABLE,
    Failure.TIMED_OUT: _UNREACHABLE,
    Failure.UNAVAILABLE: _UNREACHABLE,
    Failure.TLS: _CONFIGURATION,
    Failure.INVALID_RESPONSE: "XksProxyInvalidResponseException",
}
_EXCEPTIONS_BY_NAME: Final = {
    "AuthenticationFailedException": _CREDENTIAL,
    "ThrottlingException": _UNREACHABLE,
    "InternalException": _UNREACHABLE,
    "DependencyTimeoutException": _UNREACHABLE,
}
_CODES: Final = {
    Failure.NOT_REACHABLE: "XKS_PROXY_NOT_REACHABLE",
    Failure.TIMED_OUT: "XKS_PROXY_TIMED_OUT",
    Failure.UNAVAILABLE: "XKS_PROXY_NOT_REACHABLE",
    Failure.TLS: "XKS_PROXY_INVALID_TLS_CONFIGURATION",
    Failure.INVALID_RESPONSE: "XKS_PROXY_INVALID_RESPONSE",
}
_CODES_BY_NAME: Final = {
    "AuthenticationFailedException": "INVALID_CREDENTIALS",
    "AccessDeniedException": "XKS_PROXY_ACCESS_DENIED",
    "ThrottlingException": "XKS_PROXY_NOT_REACHABLE",
    "InternalException": "XKS_PROXY_NOT_REACHABLE",
    "DependencyTimeoutException": "XKS_PROXY_TIMED_OUT",
}


def proxy_of(call: Call, store: CustomKeyStore, key_arn: str = "") -> XksProxy:
    """The proxy of a store, to be asked for this call; with `key_arn` about that KMS key.

    Only in the pool for what waits for others.
    """
    connections = call.wait_for_others()

    def signing_key(date: str, region: str, service: str) -> bytes:
        return call.keeper.sigv4_key(store.secret_access_key, store.id.encode(), date, region, service)

    return XksProxy(
        connections,
        Address(store.uri_endpoint.removeprefix("https://"), store.uri_path),
        Asker(_metadata(call, key_arn), store.access_key_id, signing_key, call.region, call.now),
        limit(call.limits, "kms.xks-proxy-milliseconds") / 1000,
    )


@contextmanager
def telling_callers(key_arn: str) -> Iterator[None]:
    """Whatever a proxy fails at while a key is used is a KMSInvalidStateException."""
    try:
        yield
    except ProxyError as error:
        message = f"{key_arn} cannot be used now: {_said(error)}"
        raise AwsError("KMSInvalidStateException", message, 400) from error


@contextmanager
def while_creating(external_key: str) -> Iterator[None]:
    """What a proxy fails at while a key is created.

    It is an XksKeyNotFoundException or a CustomKeyStoreInvalidStateException.
    """
    try:
        yield
    except ProxyError as error:
        if error.error_name == "KeyNotFoundException":
            message = f"The external key store proxy has no key {external_key}."
            raise AwsError("XksKeyNotFoundException", message, 400) from error
        raise AwsError("CustomKeyStoreInvalidStateException", _said(error), 400) from error


@contextmanager
def while_configuring() -> Iterator[None]:
    """What a proxy fails at while a store is made or changed, in the exceptions for that."""
    try:
        yield
    except ProxyError as error:
        code = _EXCEPTIONS.get(error.failure) or _EXCEPTIONS_BY_NAME.get(error.error_name, _CONFIGURATION)
        raise AwsError(code, _said(error), 400) from error


def connection_error(error: ProxyError) -> str:
    """The ConnectionErrorCode of a store that could not be connected."""
    _said(error)
    return _CODES.get(error.failure) or _CODES_BY_NAME.get(
        error.error_name, "XKS_PROXY_INVALID_CONFIGURATION"
    )


def _metadata(call: Call, key_arn: str) -> dict[str, str]:
    """The requestMetadata; the names are the API's."""
    metadata = {
        "awsPrincipalArn": call.caller.arn,
        "kmsRequestId": call.request_id,
        "kmsOperation": call.operation,
    }
    if key_arn:
        metadata["kmsKeyArn"] = key_arn
    if call.caller.via:
        metadata["kmsViaService"] = call.caller.via[-1].regional
    for name, key in (("awsSourceVpc", "aws:SourceVpc"), ("awsSourceVpce", "aws:SourceVpce")):
        if isinstance(value := call.context.get(key), str):
            metadata[name] = value
    return metadata


def _said(error: ProxyError) -> str:
    """What callers are told; where the proxy is, and what it showed, is for the log."""
    _log.info("external key store proxy: %s", error)
    if error.failure is Failure.REFUSED:
        return f"the external key store proxy refused with {error.error_name}."
    return f"the external key store proxy {error.failure.value}."
