"""The keeper as the processes see it that ask it: over a socket, and with nothing of what it holds."""

import asyncio
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import msgspec

from masugata import fibers
from masugata.keeper import messages
from masugata.keeper.address import connect
from masugata.keeper.errors import KeeperFailedError, KeeperUnavailableError, SealedError
from masugata.keeper.framing import limit, read_frame
from masugata.keeper.materials import DataKey, DataKeyPair, Material, WrappingKey
from masugata.keeper.messages import Message, ProcessStatus, decode_answer, encode_message, is_slow
from masugata.keeper.opened import Opened
from masugata.keeper.patience import FIRST_PAUSE, LONGEST_PAUSE, Patience
from masugata.keeper.pipeline import Pipeline
from masugata.keeper.protocol import SealStatus

PATIENCE_SECONDS: Final = 10.0
"""How long a request waits for a keeper that is being replaced, or for its answer."""

SLOW_SECONDS: Final = 60.0  # for keys to be generated, and for a keeper to start
_OPEN_SECONDS: Final = 1.0  # that it is believed to be open, without asking
_PUBLIC_KEYS: Final = 1024  # remembered, of up to 2 KB each


class RemoteKeeper:
    """A `SealableKeeper` in another process, at a socket; each thread asks it over a connection of its own.

    Who asks in a fiber of an event loop shares one with the other fibers, and holds up none of them.
    What was not answered is asked again, over a new connection, until time is up: then it raises
    `KeeperUnavailableError`. Who comes after that does not wait as long, until the keeper is back. `patience`
    is in seconds; what is slow may take a minute.
    """

    def __init__(self, path: Path, patience: float | None = None) -> None:
        self._path = path
        self._patience = Patience(PATIENCE_SECONDS if patience is None else patience)
        self._own = threading.local()
        self._open_at = -_OPEN_SECONDS
        self._public_keys: Opened[bytes] = Opened(_PUBLIC_KEYS)

    def __repr__(self) -> str:
        return f"<Keeper at {self._path}>"

    def open(self, *, create: bool) -> None:
        """Wait until the keeper is ready; raises what `open_keeper` raises there."""
        self.ask(messages.Open(create))

    def describe(self) -> ProcessStatus:
        """How the keeper's process is."""
        described: ProcessStatus = self.ask(messages.Describe())
        return described

    @property
    def materials(self) -> "RemoteMaterials":
        """What can be done with the material of KMS keys."""
        # Not kept: in a circle with it, sockets would be left to the collector.
        return RemoteMaterials(self.ask, self._public_keys)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that tell one root key from another and nothing else."""
        digits: str = self.ask(messages.Fingerprint())
        return digits

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        """Encrypt `plaintext`; only the same purpose and identity open it again."""
        blob: bytes = self.ask(messages.Seal(purpose, plaintext, identity))
        return blob

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The plaintext of a sealed blob; raises `SealBrokenError`."""
        plaintext: bytes = self.ask(messages.Unseal(purpose, blob, identity))
        return plaintext

    def reseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        """The secret of a blob sealed under the newest root key."""
        resealed: bytes = self.ask(messages.Reseal(purpose, blob, identity))
        return resealed

    def holds(self, fingerprint: str) -> bool:
        """Whether the root key with this fingerprint is there."""
        held: bool = self.ask(messages.Holds(fingerprint))
        return held

    def sigv4_key(self, sealed_secret: bytes, identity: bytes, date: str, region: str, service: str) -> bytes:
        """The signing key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`."""
        key: bytes = self.ask(messages.Sigv4Key(sealed_secret, identity, date, region, service))
        return key

    def sigv4a_public_key(self, sealed_secret: bytes, identity: bytes) -> bytes:
        """The public key of a secret sealed under `ACCESS_KEY_PURPOSE`; raises `SealBrokenError`."""
        key: bytes = self.ask(messages.Sigv4aPublicKey(sealed_secret, identity))
        return key

    def status(self) -> SealStatus:
        """How the root key is kept now."""
        status: SealStatus = self.ask(messages.Status())
        return status

    def unseal_root(self, secret: bytes) -> SealStatus:
        """Open the root key with what its seal asks for; raises `RootKeyError` if it is not that."""
        status: SealStatus = self.ask(messages.UnsealRoot(secret))
        return status

    def seal_root(self) -> SealStatus:
        """Have the root key forgotten, and all that was opened with it."""
        status: SealStatus = self.ask(messages.SealRoot())
        return status

    def add_root_key(self, after: int) -> SealStatus:
        """Seal under a new root key from now on, unless there is one newer than `after` already."""
        status: SealStatus = self.ask(messages.AddRootKey(after))
        return status

    def forget_root_key(self, number: int, proof: bytes) -> SealStatus:
        """Have an old root key forgotten."""
        status: SealStatus = self.ask(messages.ForgetRootKey(number, proof))
        return status

    def migrate_seal(self, uri: str, secret: bytes, proof: bytes) -> SealStatus:
        """Have the root keys kept under another seal."""
        status: SealStatus = self.ask(messages.MigrateSeal(uri, secret, proof))
        return status

    def make_recovery(self, shares: int, threshold: int, proof: bytes) -> tuple[str, ...]:
        """New recovery shares."""
        made: tuple[str, ...] = self.ask(messages.MakeRecovery(shares, threshold, proof))
        return made

    @property
    def sealed(self) -> bool:
        """Whether the root keys are not open: asked once a second while they are, and each time once not."""
        if monotonic() - self._open_at > _OPEN_SECONDS:
            if self.status().sealed:
                return True
            self._open_at = monotonic()
        return False

    def ask(self, message: Message) -> Any:
        """What the method returned, or raises what it raised."""
        try:
            return self._ask(message)
        except SealedError:
            self._open_at = -_OPEN_SECONDS
            raise

    def _ask(self, message: Message) -> Any:
        sent, slow = encode_message(message), is_slow(message)
        pipeline = self._pipeline() if fibers.can_wait() and not slow else None
        try:
            if pipeline is not None and pipeline.takes(sent):
                received = pipeline.ask(sent)
            else:
                received = self._exchange_firmly(sent, slow=slow)
        except OSError as error:
            raise KeeperUnavailableError(f"the keeper at `{self._path}` does not answer") from error
        try:
            return decode_answer(message, received)
        except msgspec.MsgspecError as error:
            raise KeeperFailedError(
                f"what answers at `{self._path}` is not a keeper of this version"
            ) from error

    def _pipeline(self) -> Pipeline:
        """That of the loop that runs in this thread."""
        pipeline: Pipeline | None = getattr(self._own, "pipeline", None)
        # A thread runs one loop at a time; to ask which one that is takes a system call.
        if pipeline is None or not pipeline.loop.is_running():
            loop = asyncio.get_running_loop()
            pipeline = self._own.pipeline = Pipeline(self._path, loop, self._patience)
        return pipeline

    def _exchange_firmly(self, sent: bytes, *, slow: bool) -> bytes:
        began, pause = monotonic(), FIRST_PAUSE
        remaining = seconds = SLOW_SECONDS if slow else self._patience.seconds()
        while True:
            try:
                received = self._exchange(sent, remaining)
            except OSError as error:
                if not slow:
                    self._patience.unanswered(began)
                remaining = began + seconds - monotonic() - pause
                if isinstance(error, PermissionError) or remaining <= 0:
                    raise
                sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._patience.answered()
                return received

    def _exchange(self, sent: bytes, seconds: float) -> bytes:
        connection: _Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connected = connect(self._path, PATIENCE_SECONDS)
            connection = _Connection(fileno=connected.detach())
        # Whatever may happen meanwhile, an answer that was not read is not the next question's.
        self._own.connection = None
        received = connection.exchange(sent, seconds)
        self._own.connection = connection
        return received


class _Connection(socket.socket):
    """One thread's connection, closed without a word when the thread ends or nobody needs it any more."""

    _limit = 0.0

    def __del__(self) -> None:
        self.close()

    def exchange(self, sent: bytes, seconds: float) -> bytes:
        """Send a message, and wait so long for its answer; raises OSError."""
        if seconds != self._limit:
            limit(self, socket.SO_RCVTIMEO, seconds)
            self._limit = seconds
        self.sendall(sent)
        received = read_frame(self)
        if not received:
            raise ConnectionResetError("the keeper has ended")
        return received


class RemoteMaterials:
    """`Materials` in another process; `ask` sends a message there. Public halves are remembered here.

    They are no secret, and follow from the whole of a material: another one in its row is asked about anew.
    """

    __slots__ = ("_ask", "_public_keys")

    def __init__(self, ask: Callable[[Message], Any], public_keys: Opened[bytes]) -> None:
        self._ask = ask
        self._public_keys = public_keys

    def generate(self, account: str, key_id: str, spec: str, usage: str) -> Material:
        """New material for a key; RSA takes up to seconds."""
        made: Material = self._ask(messages.Generate(account, key_id, spec, usage))
        return made

    def public_key(self, material: Material) -> bytes:
        """The public half of a key pair (DER, SubjectPublicKeyInfo)."""
        return self._public_keys.get(material, lambda asked: self._ask(messages.PublicKey(asked)))

    def encrypt(self, material: Material, plaintext: bytes, context: bytes) -> bytes:
        """A ciphertext that names key and material; for SYMMETRIC_DEFAULT."""
        ciphertext: bytes = self._ask(messages.Encrypt(material, plaintext, context))
        return ciphertext

    def decrypt(self, material: Material, algorithm: str, ciphertext: bytes, context: bytes) -> bytes:
        """The plaintext of a ciphertext of this material; for SYMMETRIC_DEFAULT and RSA."""
        plaintext: bytes = self._ask(messages.Decrypt(material, algorithm, ciphertext, context))
        return plaintext

    def re_encrypt(
        self,
        source: Material,
        source_algorithm: str,
        ciphertext: bytes,
        source_context: bytes,
        destination: Material,
        destination_algorithm: str,
        destination_context: bytes,
    ) -> bytes:
        """A ciphertext under another key, or in another context."""
        message = messages.ReEncrypt(
            source,
            source_algorithm,
            ciphertext,
            source_context,
            destination,
            destination_algorithm,
            destination_context,
        )
        reencrypted: bytes = self._ask(message)
        return reencrypted

    def generate_data_key(
        self, material: Material, size: int, context: bytes, *, with_plaintext: bool
    ) -> DataKey:
        """`size` random bytes, encrypted under a SYMMETRIC_DEFAULT key."""
        key: DataKey = self._ask(messages.GenerateDataKey(material, size, context, with_plaintext))
        return key

    def generate_data_key_pair(
        self, material: Material, spec: str, context: bytes, *, with_plaintext: bool
    ) -> DataKeyPair:
        """A key pair of `spec`, its private half encrypted under a SYMMETRIC_DEFAULT key."""
        pair: DataKeyPair = self._ask(messages.GenerateDataKeyPair(material, spec, context, with_plaintext))
        return pair

    def sign(self, material: Material, algorithm: str, message: bytes, message_type: str) -> bytes:
        """A signature; `message_type` is RAW, DIGEST or EXTERNAL_MU."""
        signature: bytes = self._ask(messages.Sign(material, algorithm, message, message_type))
        return signature

    def generate_mac(self, material: Material, message: bytes) -> bytes:
        """The HMAC of a message, of the length that the key's spec says."""
        mac: bytes = self._ask(messages.GenerateMac(material, message))
        return mac

    def verify_mac(self, material: Material, message: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the message."""
        same: bool = self._ask(messages.VerifyMac(material, message, mac))
        return same

    def derive_shared_secret(self, material: Material, public_key: bytes) -> bytes:
        """The ECDH secret (the x-coordinate) with somebody's public key (DER, SubjectPublicKeyInfo)."""
        secret: bytes = self._ask(messages.DeriveSharedSecret(material, public_key))
        return secret

    def decapsulate(self, material: Material, ciphertext: bytes) -> bytes:
        """The 32 bytes that an ML-KEM ciphertext encapsulates."""
        secret: bytes = self._ask(messages.Decapsulate(material, ciphertext))
        return secret

    def wrapping_key(self, spec: str) -> WrappingKey:
        """A new RSA key that unwraps imported material, and does nothing else."""
        key: WrappingKey = self._ask(messages.MakeWrappingKey(spec))
        return key

    def import_wrapped(
        self,
        account: str,
        key_id: str,
        spec: str,
        usage: str,
        wrapping_sealed: bytes,
        algorithm: str,
        wrapped: bytes,
    ) -> Material:
        """Material that was made elsewhere, wrapped under a `wrapping_key` by a wrapping algorithm."""
        imported: Material = self._ask(
            messages.ImportWrapped(account, key_id, spec, usage, wrapping_sealed, algorithm, wrapped)
        )
        return imported

    def forget(self, key_id: str) -> None:
        """Have dropped whatever is still open of this key."""
        self._public_keys.forget(key_id)
        self._ask(messages.Forget(key_id))
