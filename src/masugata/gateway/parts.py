"""What every call needs on its way: the store, the keeper, time and randomness, and who judges."""

import uuid
from collections.abc import Callable
from datetime import datetime

from masugata.authorization.authorizer import Authorizer
from masugata.gateway.observer import Observer
from masugata.gateway.preparation import Preparation
from masugata.identity.authenticate import Authenticator
from masugata.keeper import Keeper
from masugata.store import Store


class Parts:
    """The parts of a gateway. `clock` gives aware UTC times, `random(n)` n random bytes.

    `region` is the one that a SigV4a signature for several counts for, `public_url` where others reach
    the server.
    """

    def __init__(
        self,
        store: Store,
        keeper: Keeper,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
        skew_seconds: int = 900,
        region: str = "us-east-1",
        observer: Observer | None = None,
        public_url: str = "http://localhost:4566",
    ) -> None:
        self.store = store
        self.keeper = keeper
        self.clock = clock
        self.random = random
        self.observer = observer
        self.public_url = public_url
        self.authenticator = Authenticator(keeper, skew_seconds=skew_seconds, region=region)
        self.authorizer = Authorizer(keeper)
        self.preparation = Preparation()

    def new_id(self) -> str:
        """A random UUID, for requests and events."""
        return str(uuid.UUID(bytes=self.random(16), version=4))
