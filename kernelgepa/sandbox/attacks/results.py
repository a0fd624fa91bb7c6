"""Attacks on whoever collects and reads what a job leaves: planted files and poisoned JSON."""

from __future__ import annotations

from collections.abc import Mapping

from kernelgepa.sandbox.attacks.model import Attack, Promise

_TAKE: Mapping[str, int] = {"result": 1000}
_WRITE = """
with open("result", "wb") as file:
    file.write({})
"""


def _planted(
    name: str,
    tries: str,
    script: str,
    collect: Mapping[str, int] = _TAKE,
    rests_on: tuple[Promise, ...] = (),
) -> Attack:
    return Attack(
        "planted-" + name, tries, "results", script, collect=collect, rests_on=rests_on
    )  # fmt: skip


def _json(name: str, what: str, data: str) -> Attack:
    return Attack(
        "json-" + name, f"answer with {what}", "results", _WRITE.format(data),
        collect={"result": 1 << 20}, document=True,
    )  # fmt: skip


_FOLDER = """
attempt(lambda: os.symlink(os.path.dirname(bait["secrets"][0]), "folder"))
attempt(lambda: os.symlink("..", "up"))
"""
_REPLACED = """
here, secret = os.getcwd(), os.path.dirname(bait["secrets"][0])
attempt(lambda: os.rename(here, here + "-moved"))
attempt(lambda: os.symlink(secret, here))
attempt(lambda: os.rmdir(here))
"""
_DEVICE = """
import stat
attempt(lambda: os.mknod("result", stat.S_IFCHR | 0o666, os.makedev(1, 5)))
attempt(lambda: os.symlink("/dev/zero", "result"))
"""
_SOCKET = """
attempt(lambda: socket.socket(socket.AF_UNIX).bind("result"))
attempt(lambda: os.mkfifo("result"))
"""
_SPARSE = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
attempt(lambda: open("result", "wb").truncate(3 << 20))
attempt(lambda: os.truncate("result", 1 << 40))
"""
_PIPE = """
attempt(lambda: os.mkfifo("result"))
"""
_NESTED = """
for _ in range(200):
    os.mkdir("result")
    os.chdir("result")
open("result", "w").write("x")
"""
_GROWING = """
if os.fork() == 0:
    os.setsid()
    with open("result", "wb") as file:
        until = time.monotonic() + 3
        while time.monotonic() < until and file.tell() < (3 << 20):
            file.write(b"x" * 2000)
    time.sleep(3)
    os._exit(0)
time.sleep(0.1)
"""

ATTACKS = (
    _planted("symlink", "leave a symbolic link to a file of the user as its result",
             'attempt(lambda: os.symlink(bait["secrets"][0], "result"))'),
    _planted("hard-link", "leave a hard link as its result",
             'attempt(lambda: os.link(bait["secrets"][0], "result"))\n'
             'if not os.path.exists("result"):\n'
             '    open("own", "w").write("x"); attempt(lambda: os.link("own", "result"))'),
    _planted("magic-link", "leave a link to a descriptor as its result",
             'attempt(lambda: os.symlink("/proc/self/fd/0", "result"))'),
    _planted("dots", "leave a result above its folder", _FOLDER,
             collect={"folder/secret": 1000, "up/secret": 1000, "up/up": 1000}),
    _planted("folder-replaced", "replace its folder by a link", _REPLACED,
             collect={"secret": 1000}, rests_on=("filesystem",)),
    _planted("fifo", "leave a pipe, on which a reader waits for ever", _PIPE),
    _planted("device", "leave a device that never ends", _DEVICE),
    _planted("socket", "leave a socket", _SOCKET),
    _planted("sparse", "leave a file of a terabyte without a byte in it", _SPARSE),
    _planted("nested", "leave a folder of folders of folders", _NESTED),
    _planted("growing", "leave a file that still grows", _GROWING),
    _json("nan", "NaN", 'b\'{"cost": NaN}\''),
    _json("infinity", "-Infinity", 'b\'{"cost": -Infinity}\''),
    _json("overflow", "1e999", 'b\'{"cost": 1e999}\''),
    _json("duplicates", "a key twice", 'b\'{"right": true, "right": false}\''),
    _json("integer", "an integer of 100000 digits", 'b"9" * 100000'),
    _json("nested", "a hundred thousand brackets", 'b"[" * 100000'),
    _json("bytes", "bytes that are no text", 'b\'"\\xff\\xfe"\''),
    _json("trailing", "two documents in one", 'b\'{"right": true} {"right": false}\''),
)  # fmt: skip
