"""The run's secret, from which every input is drawn. It never leaves the judge's process."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kernelgepa.errors import InputError

BYTES = 32


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
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read the secret file {path}: {error.strerror}") from error
        if len(data) < BYTES:
            raise InputError(
                f"the secret file {path} has {len(data)} bytes, expected at least {BYTES}; make "
                f"one with: head -c {BYTES} /dev/urandom > {path}"
            )
        return Secret(hashlib.sha256(data).digest())

    def fingerprint(self) -> str:
        """Tells two secrets apart and says nothing about them."""
        return self._mac("fingerprint").hex()[:16]

    def generator(self, *parts: str) -> np.random.Generator:
        """The generator of one set of inputs; HMAC(secret, candidate, ...) is its seed."""
        return np.random.default_rng(int.from_bytes(self._mac("inputs", *parts), "big"))

    def _mac(self, *parts: str) -> bytes:
        message = b"".join(len(raw).to_bytes(8, "big") + raw for raw in (p.encode() for p in parts))
        return hmac.new(self.key, message, hashlib.sha256).digest()
