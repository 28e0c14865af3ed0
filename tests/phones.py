"""Authenticator apps for tests: pyotp, set up from the QR code that CreateVirtualMFADevice answers."""

import struct
import zlib
from datetime import datetime
from typing import Any

import pyotp
import zxingcpp

from support import Clock, House


class StoppedClock(Clock):
    """Stands still until a test moves it, so that no step of 30 seconds ends inside a test."""

    def __init__(self) -> None:
        super().__init__()
        self._moment = super().__call__()

    def __call__(self) -> datetime:
        return self._moment + self.offset


def stopped(house: House) -> House:
    """The same house with its clock stopped."""
    house.clock = house.gateway.clock = StoppedClock()
    return house


class Phone:
    """An authenticator app with one device; `at(moment, n)` is the code it shows n steps later."""

    def __init__(self, device: dict[str, Any]) -> None:
        self.serial: str = device["SerialNumber"]
        self.uri = scan(device["QRCodePNG"])
        totp = pyotp.parse_uri(self.uri)
        assert isinstance(totp, pyotp.TOTP)
        self._totp = totp

    def at(self, moment: datetime, steps: int = 0) -> str:
        """The code at a time, some steps of 30 seconds later or earlier."""
        return self._totp.at(moment, counter_offset=steps)

    def wrong(self, moment: datetime) -> str:
        """A code that is none of those within ten steps."""
        near = {self.at(moment, steps) for steps in range(-10, 11)}
        return next(code for code in map("{:06}".format, range(1000)) if code not in near)

    def pair(self, moment: datetime, steps: int = 0) -> dict[str, str]:
        """Two consecutive codes, the second of that time, and the serial number, as EnableMFADevice wants."""
        return {
            "SerialNumber": self.serial,
            "AuthenticationCode1": self.at(moment, steps - 1),
            "AuthenticationCode2": self.at(moment, steps),
        }

    def factor(self, moment: datetime, steps: int = 0) -> dict[str, str]:
        """Serial number and code, as STS wants them."""
        return {"SerialNumber": self.serial, "TokenCode": self.at(moment, steps)}


def make_phone(iam: Any, name: str = "phone", **more: Any) -> Phone:
    """An unassigned device and the app that holds its seed."""
    return Phone(iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **more)["VirtualMFADevice"])


def enabled_phone(iam: Any, user: str, now: datetime, name: str = "phone", **more: Any) -> Phone:
    """A device of the user; its codes up to the one before `now` are spent."""
    phone = make_phone(iam, name, **more)
    iam.enable_mfa_device(UserName=user, **phone.pair(now, -1))
    return phone


def scan(png: bytes) -> str:
    """The text of a QR code in a PNG of one bit a pixel, as a camera would read it."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (depth, colours) == (1, 0), "grey, one bit a pixel"
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + length
    rows = _unfiltered(zlib.decompress(data), 1 + (width + 7) // 8)
    assert len(rows) == height
    grey = bytes(255 * (row[x // 8] >> 7 - x % 8 & 1) for row in rows for x in range(width))
    codes = zxingcpp.read_barcodes(memoryview(grey).cast("B", (height, width)))
    assert [code.format for code in codes] == [zxingcpp.BarcodeFormat.QRCode]
    return str(codes[0].text)


def _unfiltered(data: bytes, line: int) -> list[bytes]:
    """The rows of a picture; of PNG's filters those that are needed, none and up."""
    rows, above = [], bytes(line - 1)
    for start in range(0, len(data), line):
        kind, row = data[start], data[start + 1 : start + line]
        assert kind in (0, 2), f"filter {kind}"
        above = bytes((a + b) & 0xFF for a, b in zip(above, row, strict=True)) if kind == 2 else row
        rows.append(above)
    return rows
