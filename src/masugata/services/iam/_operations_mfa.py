"""The rows of IAM's table for MFA devices."""

from masugata.call import Operation, read, write
from masugata.services.iam import mfa_devices, tags

MFA_OPERATIONS: dict[str, Operation] = {
    "CreateVirtualMFADevice": write(
        mfa_devices.create_virtual_mfa_device, mfa_devices.prepare_virtual_mfa_device
    ),
    "DeleteVirtualMFADevice": write(mfa_devices.delete_virtual_mfa_device),
    "ListVirtualMFADevices": read(mfa_devices.list_virtual_mfa_devices),
    "EnableMFADevice": write(mfa_devices.enable_mfa_device),
    "DeactivateMFADevice": write(mfa_devices.deactivate_mfa_device),
    "ResyncMFADevice": write(mfa_devices.resync_mfa_device),
    "ListMFADevices": read(mfa_devices.list_mfa_devices),
    "GetMFADevice": read(mfa_devices.get_mfa_device),
    "TagMFADevice": write(tags.tag_mfa_device),
    "UntagMFADevice": write(tags.untag_mfa_device),
    "ListMFADeviceTags": read(tags.list_mfa_device_tags),
}
