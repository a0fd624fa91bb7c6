"""The run's secret, from which every input is drawn. It never leaves the judge's process."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kernelgepa.errors import InputError

BYTES = 32
MOST_BYTES = 1 << 20  # of a file the user keeps


@dataclass(frozen=True)
class Secret:
    """Random bytes; its text form shows only a fingerprint."""

    key: bytes

    def __repr__(self) -> str:
        return f"Secret({self.fingerprint()})"

    @staticmethod
    def new() -> Secret:
        return Secret(secrets.token_bytes(BYTES))

    @staticmethod
    def read(path: Path) -> Secret:
        """The content of a file the user keeps. Raises InputError."""
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise InputError(f"cannot read the secret file {path}: {error.strerror}") from error
        if not BYTES <= len(data) <= MOST_BYTES:
            found = f"{len(data)}" if len(data) < BYTES else f"more than {MOST_BYTES:,}"
            raise InputError(
                f"the secret file {path} has {found} bytes, expected at least {BYTES} and at most "
                f"{MOST_BYTES:,}; make one with: head -c {BYTES} /dev/urandom > FILE"
            )
        return Secret(hashlib.sha256(data).digest())

    def write(self, path: Path) -> None:
        """Keeps it in a file that only its owner reads; the same secret, read by `kept`."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(self.key.hex() + "\n")

    @staticmethod
    def kept(path: Path) -> Secret:
        """What `write` has kept. Raises InputError."""
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"cannot read the run's secret {path}: {error}; without it a run cannot go on"
            ) from error
        if len(key) != BYTES:
            raise InputError(f"{path} is not a run's secret: {len(key)} bytes, expected {BYTES}")
        return Secret(key)

    def fingerprint(self) -> str:
        """Tells two secrets apart and says nothing about them."""
        return self._mac("fingerprint").hex()[:16]

    def generator(self, *parts: str) -> np.random.Generator:
        """The generator of one set of inputs; HMAC(secret, candidate, ...) is its seed."""
        return np.random.default_rng(int.from_bytes(self._mac("inputs", *parts), "big"))

    def _mac(self, *parts: str) -> bytes:
        message = b"".join(len(raw).to_bytes(8, "big") + raw for raw in (p.encode() for p in parts))
        return hmac.new(self.key, message, hashlib.sha256).digest()
