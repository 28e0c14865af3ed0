"""Operations on virtual MFA devices, of users and of the root user."""

import re
from base64 import b32encode
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.identity.mfa import (
    SEED_SIZE,
    Pair,
    devices_of,
    find_device,
    seal_seed,
    serial_number,
    spend_pair,
)
from masugata.records.account import ACCOUNT
from masugata.records.iam import MFA_DEVICE, USER, MfaDevice, mfa_device_key
from masugata.services.iam._common import (
    already_exists,
    delete_conflict,
    find_user,
    invalid_input,
    no_such_entity,
    page,
    quota_exceeded,
    requested_tags,
    tag_shapes,
    whole_seconds,
)
from masugata.services.iam.users import USERS_PER_ACCOUNT, calling_user, root_shape, user_shape

if TYPE_CHECKING:
    from masugata_types import iam as shapes

MFA_DEVICES_PER_USER = 8
DEVICES_PER_ACCOUNT = USERS_PER_ACCOUNT
"""Virtual devices, assigned or not. Source: "IAM and AWS STS quotas"."""

ENABLING_WINDOW = 10
RESYNC_WINDOW = 60
"""Steps of 30 seconds by which a device may be off: half an hour, as a clock gets in years."""

_SERIAL_NUMBER = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)
_PIXELS_PER_MODULE = 6
_STATUS: dict[str, Callable[[MfaDevice], bool]] = {
    "Assigned": lambda device: device.owner_id is not None,
    "Unassigned": lambda device: device.owner_id is None,
    "Any": lambda _: True,
}


class _Owner(NamedTuple):
    """Whose device: a user, or the root user, which is the account and has no name."""

    id: str
    name: str | None


class _Bootstrap(NamedTuple):
    """What is made before the transaction: the seed, and the picture that an authenticator app reads."""

    seed: bytes
    qr_code: bytes


def prepare_virtual_mfa_device(call: Call, request: "shapes.CreateVirtualMFADeviceRequest") -> _Bootstrap:
    """A seed and its QR code, which takes a few milliseconds to draw."""
    # Only whoever makes a device needs it, and it is not for free at the start.
    import segno  # noqa: PLC0415

    seed = call.random(SEED_SIZE)
    account = call.records.get(ACCOUNT, call.account, call.account)
    name = (account.alias if account else None) or call.account
    label = quote(f"{request['VirtualMFADeviceName']}@{name}", safe="@")
    picture = BytesIO()
    code = segno.make(f"otpauth://totp/{label}?secret={b32encode(seed).decode()}", micro=False)
    code.save(picture, kind="png", scale=_PIXELS_PER_MODULE)
    return _Bootstrap(seed, picture.getvalue())


def create_virtual_mfa_device(
    call: Call, request: "shapes.CreateVirtualMFADeviceRequest"
) -> "shapes.CreateVirtualMFADeviceResponse":
    """Make an unassigned device; its seed is shown in this answer and never again."""
    name, path = request["VirtualMFADeviceName"], request.get("Path", "/")
    tags = requested_tags(request.get("Tags", ()))
    if call.records.get(MFA_DEVICE, call.account, mfa_device_key(path, name)) is not None:
        raise already_exists("MFADevice entity at the same path and name already exists.")
    if call.records.count(MFA_DEVICE, call.account) >= DEVICES_PER_ACCOUNT:
        raise quota_exceeded("MFADevices", DEVICES_PER_ACCOUNT)
    made: _Bootstrap = call.prepared
    device = MfaDevice(
        name=name,
        path=path,
        seed=seal_seed(call.keeper, call.account, path, name, made.seed),
        create_date=whole_seconds(call),
        tags=tags,
    )
    serial = serial_number(call.records, call.account, device)
    if _SERIAL_NUMBER.fullmatch(serial) is None:  # no operation could name it
        raise invalid_input(f"{serial[:300]} is not a serial number: at most 256 of [A-Za-z0-9_+=/:,.@-].")
    _save(call, device, _Owner("", None))
    shape: shapes.VirtualMFADevice = {
        "SerialNumber": serial,
        "Base32StringSeed": b32encode(made.seed),
        "QRCodePNG": made.qr_code,
    }
    if tags:
        shape["Tags"] = tag_shapes(tags)
    return {"VirtualMFADevice": shape}


def delete_virtual_mfa_device(
    call: Call, request: "shapes.DeleteVirtualMFADeviceRequest"
) -> "shapes.DeleteVirtualMFADeviceResponse":
    """Delete a device that nobody uses any more."""
    device = find_virtual_device(call, request["SerialNumber"])
    if device.owner_id is not None:
        raise delete_conflict("MFA VirtualDevice in use. Must deactivate first.")
    call.transaction.delete(MFA_DEVICE, call.account, MFA_DEVICE.key(device))
    call.touches("AWS::IAM::VirtualMFADevice", request["SerialNumber"])
    return {}


def list_virtual_mfa_devices(
    call: Call, request: "shapes.ListVirtualMFADevicesRequest"
) -> "shapes.ListVirtualMFADevicesResponse":
    """The account's virtual devices by path and name, the root user's too; without seeds and tags."""
    wanted = _STATUS[request.get("AssignmentStatus", "Any")]
    devices = [device for device in call.records.scan(MFA_DEVICE, call.account) if wanted(device)]
    chosen, end = page(devices, request, "VirtualMFADevices", MFA_DEVICE.key)
    return {"VirtualMFADevices": [_virtual_shape(call, device) for device in chosen], **end}


def enable_mfa_device(
    call: Call, request: "shapes.EnableMFADeviceRequest"
) -> "shapes.EnableMFADeviceResponse":
    """Assign a device to a user, or to the root user that calls, against two consecutive codes."""
    owner = _owner(call, request["UserName"])
    device = find_virtual_device(call, request["SerialNumber"])
    if device.owner_id is not None:
        raise already_exists("MFA Device is already in use.")
    if len(devices_of(call.records, call.account, owner.id)) >= MFA_DEVICES_PER_USER:
        raise quota_exceeded("MFADevicesPerUser", MFA_DEVICES_PER_USER)
    device = _spend(call, device, request, ENABLING_WINDOW)
    enabled = msgspec.structs.replace(device, owner_id=owner.id, enable_date=whole_seconds(call))
    _save(call, enabled, owner)
    return {}


def deactivate_mfa_device(
    call: Call, request: "shapes.DeactivateMFADeviceRequest"
) -> "shapes.DeactivateMFADeviceResponse":
    """Take a device from its user; it stays, unassigned, and remembers which codes are spent."""
    owner = _owner(call, request.get("UserName"))
    device = _device_of(call, owner, request["SerialNumber"])
    _save(call, msgspec.structs.replace(device, owner_id=None, enable_date=None), owner)
    return {}


def resync_mfa_device(
    call: Call, request: "shapes.ResyncMFADeviceRequest"
) -> "shapes.ResyncMFADeviceResponse":
    """Learn how far a device's clock is off, from two consecutive codes."""
    owner = _owner(call, request["UserName"])
    device = _device_of(call, owner, request["SerialNumber"])
    _save(call, _spend(call, device, request, RESYNC_WINDOW), owner)
    return {}


def list_mfa_devices(call: Call, request: "shapes.ListMFADevicesRequest") -> "shapes.ListMFADevicesResponse":
    """The devices of one user; without a name, of the caller, which may be the root user."""
    owner = _owner(call, request.get("UserName"))
    devices = sorted(devices_of(call.records, call.account, owner.id), key=MFA_DEVICE.key)
    chosen, end = page(devices, request, "MFADevices", MFA_DEVICE.key)
    # The model requires a UserName, which the root user's devices do not have.
    shown: list[Any] = [_enabled_shape(call, owner, device) for device in chosen]
    return {"MFADevices": shown, **end}


def get_mfa_device(call: Call, request: "shapes.GetMFADeviceRequest") -> "shapes.GetMFADeviceResponse":
    """One device of a user; without a name, of the caller, which may be the root user."""
    owner = _owner(call, request.get("UserName"))
    shape: Any = _enabled_shape(call, owner, _device_of(call, owner, request["SerialNumber"]))
    answer: shapes.GetMFADeviceResponse = shape
    return answer


def find_virtual_device(call: Call, serial: str) -> MfaDevice:
    """The account's device with exactly this serial number; raises NoSuchEntity."""
    device = find_device(call.records, call.account, serial)
    if device is None:
        raise no_such_entity(f"VirtualMFADevice with serial number {serial} doesn't exist.")
    return device


def _owner(call: Call, user_name: str | None) -> _Owner:
    """The user that is named; without a name, the caller, which may be the root user.

    Where the model requires a name, the root user calls itself by its account id.
    """
    if call.caller.kind is CallerKind.ROOT and (
        user_name is None
        or (user_name == call.account and call.records.get(USER, call.account, user_name) is None)
    ):
        return _Owner(call.account, None)
    user = calling_user(call) if user_name is None else find_user(call, user_name)
    return _Owner(user.id, user.name)


def _device_of(call: Call, owner: _Owner, serial: str) -> MfaDevice:
    """The owner's device; another's is as unknown as one that is unassigned."""
    device = find_virtual_device(call, serial)
    if device.owner_id != owner.id:
        raise no_such_entity("MFA Device invalid for user.")
    return device


def _spend(call: Call, device: MfaDevice, request: Mapping[str, Any], window: int) -> MfaDevice:
    pair = Pair(request["AuthenticationCode1"], request["AuthenticationCode2"], window)
    return spend_pair(call.transaction, call.keeper, call.account, device, pair, call.now)


def _save(call: Call, device: MfaDevice, owner: _Owner) -> None:
    call.transaction.put(MFA_DEVICE, call.account, device)
    call.touches("AWS::IAM::VirtualMFADevice", serial_number(call.records, call.account, device))
    if owner.name is not None:
        call.touches("AWS::IAM::User", owner.name)


def _virtual_shape(call: Call, device: MfaDevice) -> "shapes.VirtualMFADevice":
    shape: shapes.VirtualMFADevice = {"SerialNumber": serial_number(call.records, call.account, device)}
    if device.owner_id is None or device.enable_date is None:
        return shape
    shape["EnableDate"] = device.enable_date
    if device.owner_id == call.account:
        shape["User"] = root_shape(call)
        return shape
    found = call.records.by_name(USER, "id", device.owner_id)
    if found is None:  # INVARIANT: a user with a device cannot be deleted
        raise AwsError("ServiceFailure", f"the owner of `{shape['SerialNumber']}` has no record", 500)
    shape["User"] = user_shape(call, found[2])
    return shape


def _enabled_shape(call: Call, owner: _Owner, device: MfaDevice) -> dict[str, Any]:
    shape: dict[str, Any] = {"SerialNumber": serial_number(call.records, call.account, device)}
    if owner.name is not None:
        shape["UserName"] = owner.name
    if device.enable_date is not None:
        shape["EnableDate"] = device.enable_date
    return shape
