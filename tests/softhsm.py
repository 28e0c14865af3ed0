"""SoftHSM, a PKCS #11 token in software, with two tokens of its own for tests."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


class Tokens(NamedTuple):
    """Two tokens, `one` and `two`, that one PIN opens."""

    pin: bytes

    def uri(self, token: str = "one", label: str = "masugata", pin_source: Path | None = None) -> str:
        """The URI of a key in a token."""
        source = "" if pin_source is None else f"&pin-source=file:{pin_source}"
        return f"pkcs11:token={token};object={label}?module-path={MODULE}{source}"


def installed() -> bool:
    """Whether SoftHSM is here: `apt-get install softhsm2`."""
    return MODULE.exists() and shutil.which("softhsm2-util") is not None


def make_tokens(folder: Path) -> Tokens:
    """Two tokens in a folder; this process and those it starts find them through the environment."""
    store = folder / "tokens"
    store.mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    pin = str(secrets.randbelow(10**8)).zfill(8)
    for label in ("one", "two"):
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", pin, "--pin", pin]
        subprocess.run(command, check=True, capture_output=True)
    return Tokens(pin.encode())
