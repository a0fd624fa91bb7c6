"""The two kinds of failure that are not data.

A candidate that does not compile or is wrong is *data* (a Verdict). What is raised is either the
user's mistake (`InputError`: one sentence, exit code 2) or ours (`InfrastructureError`: never a
score, never cached).
"""

from __future__ import annotations


class KernelGepaError(Exception):
    """Base of everything kernelgepa raises on purpose."""


class InputError(KernelGepaError):
    """The user gave something unusable. The message says: found, expected, what to do."""


class ReferenceFault(InputError):
    """A reference that nothing can be judged by, such as one that raises; others may be fine."""


class OtherVersions(InputError):
    """A run that was begun by parts whose verdicts are not comparable with those of now."""


class InfrastructureError(KernelGepaError):
    """kernelgepa, its sandbox or its toolchain failed; says nothing about the candidate."""
