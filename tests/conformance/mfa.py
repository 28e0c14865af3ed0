"""The life of virtual MFA devices."""

from typing import Any

from conformance.identities import IAM, TAGS
from phones import enabled_phone, make_phone
from support import House


def mfa_devices(iam: Any, house: House) -> None:
    """Everything that can be done with a device, for the user `admin`."""
    phone = make_phone(iam, Tags=TAGS[:1])
    iam.enable_mfa_device(UserName="admin", **phone.pair(house.clock()))
    assert iam.get_mfa_device(SerialNumber=phone.serial)["UserName"] == "admin"
    iam.resync_mfa_device(UserName="admin", **phone.pair(house.clock(), 2))
    assert len(iam.list_mfa_devices()["MFADevices"]) == len(
        iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    )
    iam.tag_mfa_device(SerialNumber=phone.serial, Tags=TAGS[1:])
    iam.untag_mfa_device(SerialNumber=phone.serial, TagKeys=["Team"])
    assert iam.list_mfa_device_tags(SerialNumber=phone.serial)["Tags"] == TAGS[1:]
    iam.deactivate_mfa_device(SerialNumber=phone.serial)
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)


PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "list_mfa_device_tags": ({"SerialNumber": f"{IAM}mfa/phone-0"}, 3),
    "list_mfa_devices": ({"UserName": "user-0"}, 3),
    "list_virtual_mfa_devices": ({}, 3),
}


def three_devices(iam: Any, house: House) -> None:
    """What the paginators list."""
    for n in range(3):
        enabled_phone(iam, "user-0", house.clock(), f"phone-{n}", Tags=TAGS)
