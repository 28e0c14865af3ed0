"""Virtual MFA devices through boto3: made, enabled, resynchronized, listed, tagged and taken away."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.records.iam import MFA_DEVICE, MfaDevice
from masugata.services.iam import mfa_devices
from phones import Phone, enabled_phone, make_phone, stopped
from policies import allow, document
from support import ACCOUNT, House

SERIALS = f"arn:aws:iam::{ACCOUNT}:mfa"
INVALID = ("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation with a user alice."""
    made = stopped(House(tmp_path))
    made.client("iam").create_user(UserName="alice")
    return made


def refused(call: Any, **arguments: Any) -> tuple[str, str, int]:
    """Code, message and status of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


def stored(house: House, key: str = "/phone") -> MfaDevice:
    """The record of a device."""
    device = house.store.snapshot().get(MFA_DEVICE, ACCOUNT, key)
    assert device is not None
    return device


def test_answer_shows_seed_and_qr_code_once(house: House) -> None:
    """The picture says the seed that the text says, under name and account; the record hides it."""
    made = house.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed = made["Base32StringSeed"].decode()
    assert made["SerialNumber"] == f"{SERIALS}/phone"
    assert len(seed) == 64
    assert Phone(made).uri == f"otpauth://totp/phone@{ACCOUNT}?secret={seed}"
    assert seed not in repr(stored(house))
    assert "Base32StringSeed" not in house.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"][0]


def test_label_of_the_qr_code(house: House) -> None:
    """The account's alias stands for its number, and every character that a name can have arrives."""
    iam = house.client("iam")
    iam.create_account_alias(AccountAlias="castle")
    phone = make_phone(iam, "a+b=c,d.e@f-g_h")
    assert phone.uri.startswith("otpauth://totp/a%2Bb%3Dc%2Cd.e@f-g_h@castle?secret=")


def test_no_two_seeds_are_the_same(house: House) -> None:
    """Each device has a seed of its own."""
    uris = {make_phone(house.client("iam"), f"phone{n}").uri.partition("secret=")[2] for n in range(5)}
    assert len(uris) == 5


def test_names_are_taken_once_under_a_path(house: House) -> None:
    """Case does not make a new name; another path does."""
    iam = house.client("iam")
    make_phone(iam)
    text = "MFADevice entity at the same path and name already exists."
    for name in ("phone", "Phone"):
        assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName=name) == (
            "EntityAlreadyExists",
            text,
            409,
        )
    assert make_phone(iam, Path="/team/").serial == f"{SERIALS}/team/phone"


@pytest.mark.parametrize("where", [{"Path": "/" + "x" * 300 + "/"}, {"Path": "/a!b/"}])
def test_serial_numbers_that_no_operation_could_name(house: House, where: dict[str, str]) -> None:
    """A path that makes no valid serial number is refused, and nothing is made."""
    iam = house.client("iam")
    code, message, _ = refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone", **where)
    assert code == "InvalidInput"
    assert "is not a serial number" in message
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_enabling_takes_two_consecutive_codes(house: House) -> None:
    """The device belongs to the user, and is in no one's way but its owner's."""
    iam, now = house.client("iam"), house.clock()
    phone = make_phone(iam)
    iam.enable_mfa_device(UserName="alice", **phone.pair(now))
    (device,) = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    assert (device["UserName"], device["SerialNumber"]) == ("alice", phone.serial)
    shown = iam.get_mfa_device(SerialNumber=phone.serial, UserName="alice")
    assert shown["EnableDate"] == device["EnableDate"]
    assert (shown["UserName"], shown["SerialNumber"]) == ("alice", phone.serial)
    assert iam.list_mfa_devices()["MFADevices"] == []
    assert refused(iam.enable_mfa_device, UserName="admin", **phone.pair(now, 2)) == (
        "EntityAlreadyExists",
        "MFA Device is already in use.",
        409,
    )


def bad_pairs(phone: Phone, house: House) -> dict[str, tuple[str, str]]:
    """Two codes that enable nothing, by their defect."""
    now = house.clock()
    yesterday = now - timedelta(days=1)
    return {
        "in the wrong order": (phone.at(now), phone.at(now, -1)),
        "the same twice": (phone.at(now), phone.at(now)),
        "not consecutive": (phone.at(now, -2), phone.at(now)),
        "of yesterday": (phone.at(yesterday, -1), phone.at(yesterday)),
        "of tomorrow": (phone.at(now, 2880), phone.at(now, 2881)),
        "first wrong": (phone.wrong(now), phone.at(now)),
        "second wrong": (phone.at(now, -1), phone.wrong(now)),
    }


DEFECTS = (
    "in the wrong order",
    "the same twice",
    "not consecutive",
    "of yesterday",
    "of tomorrow",
    "first wrong",
    "second wrong",
)


@pytest.mark.parametrize("defect", DEFECTS)
def test_codes_that_do_not_enable(house: House, defect: str) -> None:
    """Whatever is wrong with the two codes, AWS's error says the same, and the device stays unassigned."""
    iam = house.client("iam")
    phone = make_phone(iam)
    first, second = bad_pairs(phone, house)[defect]
    given = {"AuthenticationCode1": first, "AuthenticationCode2": second}
    assert refused(iam.enable_mfa_device, UserName="alice", SerialNumber=phone.serial, **given) == INVALID
    assert stored(house).owner_id is None
    assert stored(house).last_step == -1
    iam.enable_mfa_device(UserName="alice", **phone.pair(house.clock()))


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", ""])
def test_what_is_no_code(house: House, code: str) -> None:
    """Wrong lengths and characters are refused before anything is counted."""
    iam = house.client("iam")
    phone = make_phone(iam)
    pair = phone.pair(house.clock()) | {"AuthenticationCode1": code}
    assert refused(iam.enable_mfa_device, UserName="alice", **pair)[0] == "ValidationError"
    assert stored(house).wrong_pairs.count == 0


def test_the_same_two_codes_enable_once(house: House) -> None:
    """After it is deactivated, a device is enabled with newer codes only, whoever gets it."""
    iam, now = house.client("iam"), house.clock()
    phone = make_phone(iam)
    pair = phone.pair(now)
    iam.enable_mfa_device(UserName="alice", **pair)
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    for user in ("alice", "admin"):
        assert refused(iam.enable_mfa_device, UserName=user, **pair) == INVALID
        assert refused(iam.enable_mfa_device, UserName=user, **phone.pair(now, 1)) == INVALID
    iam.enable_mfa_device(UserName="admin", **phone.pair(now, 2))


def test_guessing_pairs_is_slow_and_ends_by_itself(house: House) -> None:
    """After five wrong pairs even right ones wait, a minute at most, however often one guesses."""
    iam = house.client("iam")
    phone = make_phone(iam)
    wrong = {
        "UserName": "alice",
        "SerialNumber": phone.serial,
        "AuthenticationCode1": phone.wrong(house.clock()),
        "AuthenticationCode2": "000000",
    }
    for _ in range(5):
        assert refused(iam.enable_mfa_device, **wrong) == INVALID
    for _ in range(3):
        code, message, status = refused(iam.enable_mfa_device, UserName="alice", **phone.pair(house.clock()))
        assert (code, status) == INVALID[::2]
        assert message.startswith(
            "Authentication code for device is not valid. Too many wrong ones were given"
        )
    assert stored(house).wrong_pairs.count == 5
    for _ in range(5):
        house.clock.offset += timedelta(seconds=61)
        assert refused(iam.enable_mfa_device, **wrong) == INVALID
    house.clock.offset += timedelta(seconds=61)
    iam.enable_mfa_device(UserName="alice", **phone.pair(house.clock()))
    assert stored(house).wrong_pairs.count == 0


def test_a_device_whose_clock_is_off(house: House) -> None:
    """Enabling learns of five minutes, resynchronizing of half an hour, and from then on codes count."""
    iam, now = house.client("iam"), house.clock()
    phone = make_phone(iam)
    assert refused(iam.enable_mfa_device, UserName="alice", **phone.pair(now, 12)) == INVALID
    iam.enable_mfa_device(UserName="alice", **phone.pair(now, 10))
    assert stored(house).drift == 10
    assert refused(iam.resync_mfa_device, UserName="alice", **phone.pair(now, 72)) == INVALID
    iam.resync_mfa_device(UserName="alice", **phone.pair(now, 69))
    assert stored(house).drift == 69
    sts = house.client("sts", house.client_key("alice"))
    for early in (0, 10, 60, 69):
        code, _, _ = refused(sts.get_session_token, **phone.factor(house.clock(), early))
        assert code == "AccessDenied"
    assert sts.get_session_token(**phone.factor(house.clock(), 70))["Credentials"]


def test_resynchronizing_replays_nothing(house: House) -> None:
    """Codes that enabled the device do not resynchronize it, nor does a device that is not the user's."""
    iam, now = house.client("iam"), house.clock()
    phone = enabled_phone(iam, "alice", now)
    assert refused(iam.resync_mfa_device, UserName="alice", **phone.pair(now, -1)) == INVALID
    assert refused(iam.resync_mfa_device, UserName="alice", **phone.pair(now)) == INVALID
    assert refused(iam.resync_mfa_device, UserName="admin", **phone.pair(now, 1)) == (
        "NoSuchEntity",
        "MFA Device invalid for user.",
        404,
    )
    iam.resync_mfa_device(UserName="alice", **phone.pair(now, 1))


def test_a_user_has_eight_devices_at_most(house: House) -> None:
    """The ninth is refused without spending its codes."""
    iam, now = house.client("iam"), house.clock()
    for number in range(8):
        enabled_phone(iam, "alice", now, f"phone{number}")
    ninth = make_phone(iam, "ninth")
    assert refused(iam.enable_mfa_device, UserName="alice", **ninth.pair(now)) == (
        "LimitExceeded",
        "Cannot exceed quota for MFADevicesPerUser: 8",
        409,
    )
    iam.enable_mfa_device(UserName="admin", **ninth.pair(now))


def test_an_account_has_a_bounded_number_of_devices(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unassigned counts too."""
    monkeypatch.setattr(mfa_devices, "DEVICES_PER_ACCOUNT", 2)
    iam = house.client("iam")
    make_phone(iam, "one")
    make_phone(iam, "two")
    code, message, status = refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="three")
    assert (code, message, status) == ("LimitExceeded", "Cannot exceed quota for MFADevices: 2", 409)


UNKNOWN = (
    f"{SERIALS}/nobody",
    f"{SERIALS}/Phone",
    f"{SERIALS}/x/phone",
    "arn:aws:iam::444455556666:mfa/phone",
    f"arn:aws-cn:iam::{ACCOUNT}:mfa/phone",
    f"arn:aws:iam::{ACCOUNT}:u2f/user/alice/key",
    f"arn:aws:iam::{ACCOUNT}:sms-mfa/alice",
    "GAHT12345678",
    "/phone//////",
)


@pytest.mark.parametrize("serial", UNKNOWN)
def test_serial_numbers_of_no_device(house: House, serial: str) -> None:
    """Hardware, keys, other accounts and other spellings are not there for any operation."""
    iam = house.client("iam")
    pair = make_phone(iam).pair(house.clock()) | {"SerialNumber": serial}
    error = ("NoSuchEntity", f"VirtualMFADevice with serial number {serial} doesn't exist.", 404)
    for call, arguments in (
        (iam.enable_mfa_device, {"UserName": "alice", **pair}),
        (iam.resync_mfa_device, {"UserName": "alice", **pair}),
        (iam.deactivate_mfa_device, {"UserName": "alice", "SerialNumber": serial}),
        (iam.get_mfa_device, {"SerialNumber": serial}),
        (iam.delete_virtual_mfa_device, {"SerialNumber": serial}),
        (iam.list_mfa_device_tags, {"SerialNumber": serial}),
    ):
        assert refused(call, **arguments) == error


def test_a_device_in_use_is_neither_deleted_nor_orphaned(house: House) -> None:
    """First deactivate, then delete; until then its user cannot go either."""
    iam = house.client("iam")
    phone = enabled_phone(iam, "alice", house.clock())
    assert refused(iam.delete_user, UserName="alice") == (
        "DeleteConflict",
        "Cannot delete entity, must delete MFA device first.",
        409,
    )
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=phone.serial) == (
        "DeleteConflict",
        "MFA VirtualDevice in use. Must deactivate first.",
        409,
    )
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    again = refused(iam.deactivate_mfa_device, UserName="alice", SerialNumber=phone.serial)
    assert again == ("NoSuchEntity", "MFA Device invalid for user.", 404)
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    iam.delete_user(UserName="alice")
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_devices_stay_with_a_renamed_user(house: House) -> None:
    """The owner is the user, not its name."""
    iam = house.client("iam")
    phone = enabled_phone(iam, "alice", house.clock())
    iam.update_user(UserName="alice", NewUserName="alicia", NewPath="/staff/")
    (device,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert device["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/staff/alicia"
    assert iam.list_mfa_devices(UserName="alicia")["MFADevices"][0]["SerialNumber"] == phone.serial
    assert refused(iam.list_mfa_devices, UserName="alice")[0] == "NoSuchEntity"


def test_listing_by_assignment_in_pages(house: House) -> None:
    """Assigned, unassigned or any, each once over pages."""
    iam, now = house.client("iam"), house.clock()
    for name in ("a", "c", "e"):
        enabled_phone(iam, "alice", now, name)
    for name in ("b", "d"):
        make_phone(iam, name)

    def names(**asked: Any) -> str:
        pages = iam.get_paginator("list_virtual_mfa_devices").paginate(**asked)
        return "".join(d["SerialNumber"][-1] for page in pages for d in page["VirtualMFADevices"])

    assert names() == names(AssignmentStatus="Any") == names(PaginationConfig={"PageSize": 2}) == "abcde"
    assert names(AssignmentStatus="Assigned", PaginationConfig={"PageSize": 1}) == "ace"
    assert names(AssignmentStatus="Unassigned") == "bd"
    pages = iam.get_paginator("list_mfa_devices").paginate(UserName="alice", PaginationConfig={"PageSize": 2})
    assert [len(page["MFADevices"]) for page in pages] == [2, 1]
    assert refused(iam.list_virtual_mfa_devices, AssignmentStatus="Lost")[0] == "ValidationError"


def test_root_has_a_device_of_its_own(house: House) -> None:
    """The root user enables, resynchronizes and shows a device; the summary and the listing tell of it."""
    iam, root, now = house.client("iam"), house.root("iam"), house.clock()
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0
    phone = make_phone(root, "root-account-mfa-device")
    root.enable_mfa_device(UserName=ACCOUNT, **phone.pair(now, -1))
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["MFADevices"], summary["MFADevicesInUse"]) == (1, 1, 1)
    (device,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert device["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert device["User"]["UserId"] == ACCOUNT
    (own,) = root.list_mfa_devices()["MFADevices"]
    assert own["SerialNumber"] == root.get_mfa_device(SerialNumber=phone.serial)["SerialNumber"]
    root.resync_mfa_device(UserName=ACCOUNT, **phone.pair(now, 1))
    root.deactivate_mfa_device(SerialNumber=phone.serial)
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_only_root_touches_roots_device(house: House) -> None:
    """To everybody else the account id names no user, and root's device is nobody's."""
    iam, root = house.client("iam"), house.root("iam")
    phone = make_phone(root)
    missing = ("NoSuchEntity", f"The user with name {ACCOUNT} cannot be found.", 404)
    assert refused(iam.enable_mfa_device, UserName=ACCOUNT, **phone.pair(house.clock())) == missing
    root.enable_mfa_device(UserName=ACCOUNT, **phone.pair(house.clock()))
    assert refused(iam.deactivate_mfa_device, UserName=ACCOUNT, SerialNumber=phone.serial) == missing
    for user in ({}, {"UserName": "alice"}):
        call = refused(iam.deactivate_mfa_device, SerialNumber=phone.serial, **user)
        assert call == ("NoSuchEntity", "MFA Device invalid for user.", 404)
    iam.create_user(UserName=ACCOUNT)
    assert root.list_mfa_devices(UserName=ACCOUNT)["MFADevices"] == []
    assert len(root.list_mfa_devices()["MFADevices"]) == 1


def test_tags(house: House) -> None:
    """Tags are given at creation and later, listed by key, and taken away."""
    iam = house.client("iam")
    phone = make_phone(iam, Tags=[{"Key": "Team", "Value": "red"}])
    serial = phone.serial
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "a", "Value": "1"}, {"Key": "team", "Value": "b"}])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "team", "Value": "b"},
    ]
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["TEAM"])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "a", "Value": "1"}]
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    code, message, _ = refused(iam.tag_mfa_device, SerialNumber=serial, Tags=many)
    assert (code, message) == ("LimitExceeded", "Cannot exceed quota for TagsPerVirtualMFADevice: 50")


def test_self_service(house: House) -> None:
    """AWS's policy for managing one's own device allows one's own and nothing else."""
    iam = house.client("iam")
    own = [
        allow(
            ["iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"],
            resource="arn:aws:iam::*:mfa/${aws:username}",
        ),
        allow(
            ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:GetMFADevice"],
            resource="arn:aws:iam::*:user/${aws:username}",
        ),
    ]
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(*own))
    alice = house.client("iam", house.client_key("alice"))
    phone = make_phone(alice, "alice")
    alice.enable_mfa_device(UserName="alice", **phone.pair(house.clock()))
    assert alice.list_mfa_devices()["MFADevices"][0]["SerialNumber"] == phone.serial
    for call, arguments in (
        (alice.create_virtual_mfa_device, {"VirtualMFADeviceName": "bob"}),
        (alice.create_virtual_mfa_device, {"VirtualMFADeviceName": "alice", "Path": "/x/"}),
        (
            alice.create_virtual_mfa_device,
            {"VirtualMFADeviceName": "alice", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        (alice.delete_virtual_mfa_device, {"SerialNumber": f"{SERIALS}/bob"}),
        (alice.enable_mfa_device, {"UserName": "admin", **phone.pair(house.clock())}),
        (alice.deactivate_mfa_device, {"SerialNumber": phone.serial}),
        (alice.list_mfa_devices, {"UserName": "admin"}),
        (alice.list_virtual_mfa_devices, {}),
    ):
        assert refused(call, **arguments)[0] == "AccessDenied"


def test_events_show_no_seed_and_no_code(house: House) -> None:
    """What CloudTrail keeps of all this helps nobody to a code."""
    iam = house.client("iam")
    phone = make_phone(iam)
    pair = phone.pair(house.clock())
    iam.enable_mfa_device(UserName="alice", **pair)
    house.store.flush().result()
    log = b"".join(row.body for row in house.store.events(ACCOUNT, "us-east-1")).decode()
    assert "EnableMFADevice" in log
    assert f"{SERIALS}/phone" in log
    assert phone.uri.partition("secret=")[2] not in log
    for number in (1, 2):
        assert f'"{pair[f"AuthenticationCode{number}"]}"' not in log
