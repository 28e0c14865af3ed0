"""What CreateCustomKeyStore and UpdateCustomKeyStore ask for, checked."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import CREDENTIAL_PURPOSE, CUSTOM_KEY_STORE, CustomKeyStore
from masugata.services.kms._common import invalid, unsupported

_EXTERNAL: Final = "EXTERNAL_KEY_STORE"
_PUBLIC: Final = "PUBLIC_ENDPOINT"
_CREDENTIAL: Final = "XksProxyAuthenticationCredential"
_NEEDED: Final = ("XksProxyUriEndpoint", "XksProxyUriPath", _CREDENTIAL, "XksProxyConnectivity")
_OF_CLUSTERS: Final = ("CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword")
_OF_VPCS: Final = ("XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner")
_VERSION: Final = "/kms/xks/v1"
_SEGMENTS: Final = re.compile(r"(/[A-Za-z0-9_-]+)+")


class Configuration(NamedTuple):
    """What says where a proxy is and how it is spoken to."""

    endpoint: str
    path: str
    access_key_id: str
    secret: bytes


def configuration(store: CustomKeyStore) -> Configuration:
    """That of a store; two that are the same mean the same proxy and credential."""
    return Configuration(store.uri_endpoint, store.uri_path, store.access_key_id, store.secret_access_key)


def check_new(request: Mapping[str, Any]) -> None:
    """Raise ValidationException and UnsupportedOperationException for what cannot be made."""
    if request.get("CustomKeyStoreType", "AWS_CLOUDHSM") != _EXTERNAL:
        raise unsupported("Custom key stores of the type AWS_CLOUDHSM are not supported.")
    check_members(request)
    for name in _NEEDED:
        if name not in request:
            raise invalid(f"{name} is required for a CustomKeyStoreType of {_EXTERNAL}.")


def check_members(request: Mapping[str, Any]) -> None:
    """Raise the same for members that no external key store here has."""
    for name in _OF_CLUSTERS:
        if name in request:
            raise invalid(f"{name} is not valid for a CustomKeyStoreType of {_EXTERNAL}.")
    connectivity = request.get("XksProxyConnectivity", _PUBLIC)
    if connectivity != _PUBLIC or any(request.get(name) for name in _OF_VPCS):
        raise unsupported("Proxies are reached at public endpoints: there are no VPC endpoint services here.")
    path = request.get("XksProxyUriPath", _VERSION)
    if not path.endswith(_VERSION) or not _SEGMENTS.fullmatch(path):
        raise invalid(f"XksProxyUriPath must be a plain path that ends with {_VERSION}.")


def asked_for(call: Call, store: CustomKeyStore, request: Mapping[str, Any], secret: bytes) -> CustomKeyStore:
    """A store with what a request changes; `secret` is the sealed secret of its credential, if it has one."""
    changed = replace(
        store,
        name=request.get("CustomKeyStoreName") or request.get("NewCustomKeyStoreName") or store.name,
        uri_endpoint=request.get("XksProxyUriEndpoint", store.uri_endpoint).lower(),
        uri_path=request.get("XksProxyUriPath", store.uri_path),
        connectivity=request.get("XksProxyConnectivity", store.connectivity),
    )
    if _CREDENTIAL in request:
        access_key_id = request[_CREDENTIAL]["AccessKeyId"]
        changed = replace(changed, access_key_id=access_key_id, secret_access_key=secret)
    _check_unique(call, changed)
    return changed


def sealed_secret(call: Call, store_id: str, request: Mapping[str, Any]) -> bytes:
    """The secret of the request's credential, sealed as that of a store; empty if it has none."""
    if _CREDENTIAL not in request:
        return b""
    secret: str = request[_CREDENTIAL]["RawSecretAccessKey"]
    return call.keeper.seal(CREDENTIAL_PURPOSE, secret.encode(), store_id.encode())


def _check_unique(call: Call, store: CustomKeyStore) -> None:
    """Raise CustomKeyStoreNameInUseException and XksProxyUriInUseException."""
    for other in call.records.scan(CUSTOM_KEY_STORE, call.account, call.region):
        if other.id == store.id:
            continue
        if other.name == store.name:
            message = f"Custom key store name {store.name} is already in use."
            raise AwsError("CustomKeyStoreNameInUseException", message, 400)
        if (other.uri_endpoint, other.uri_path) == (store.uri_endpoint, store.uri_path):
            message = f"The proxy URI {store.uri_endpoint}{store.uri_path} is used by another key store."
            raise AwsError("XksProxyUriInUseException", message, 400)
