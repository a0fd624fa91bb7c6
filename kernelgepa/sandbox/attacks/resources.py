"""Attacks on memory, disk, time and output: taking more than allowed."""

from __future__ import annotations

from kernelgepa.protocols import SandboxStatus
from kernelgepa.sandbox.attacks.model import SHORT, Attack

_HOG = """
held = []
for _ in range(512):
    held.append(bytearray(PAGE))
print("got 512 MiB of memory, 256 are allowed")
"""
# Each child says when it holds its share; none may leave before all have.
_HOGS = """
import mmap
out, into = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        try:
            {take}
            os.write(into, b"1")
            time.sleep(2)
        finally:
            os._exit(0)
os.close(into)
held = 0
while os.read(out, 1):
    held += 1
    if held == 6:
        time.sleep(0.5)
        print("got 600 MiB of memory, 256 are allowed")
        break
"""
_PRIVATE = "held = [bytearray(PAGE) for _ in range(100)]"
_SHARED = "held = mmap.mmap(-1, 100 << 20); [held.write(PAGE) for _ in range(100)]"
_SOCKETS = """
import resource
print("with", resource.getrlimit(resource.RLIMIT_NOFILE)[0], "descriptors a process")
out, into = os.pipe()
for _ in range(14):
    if os.fork() == 0:
        pairs, held = [], 0
        try:
            while True:
                pairs.append(socket.socketpair())
                for end in pairs[-1]:
                    end.setblocking(False)
                    try:
                        while True:
                            held += end.send(PAGE[:65536])
                    except BlockingIOError:
                        pass
        except OSError:
            pass
        os.write(into, struct.pack("=q", held))
        time.sleep(2)
        os._exit(0)
os.close(into)
total = ended = 0
while ended < 14 and (said := os.read(out, 8)):
    ended, total = ended + 1, total + struct.unpack("=q", said)[0]
print(total >> 20, "MiB")
time.sleep(0.5)
if total > 256 << 20:
    print("got", total >> 20, "MiB of memory, 256 are allowed")
"""
# The process goes on without the thread by whose number it is known.
_LEADERLESS = _HOGS.replace(
    "{take}",
    """
            import threading
            def rest():
                held = [bytearray(PAGE) for _ in range(100)]
                os.write(into, b"1")
                time.sleep(2)
                os._exit(0)
            threading.Thread(target=rest).start()
            call("exit", 0)
""".strip(),
)
_MEMFD = """
held = []
try:
    for _ in range(200):
        held.append(call("memfd_create", b"hidden", 0))
        for _ in range(3):
            os.write(held[-1], PAGE)
except OSError as error:
    print("refused", error)
else:
    time.sleep(0.5)
    print("got 600 MiB of memory, 256 are allowed")
"""
_TMPFS = """
written = 0
for place in ("/dev/shm", "/tmp", "/run", "/var/tmp", "."):
    for number in range(100):
        try:
            with open(f"{place}/{bait['marker']}-{number}", "wb") as file:
                file.write(PAGE * 3)
            written += 3
        except OSError as error:
            print("refused", place, error)
            break
time.sleep(0.5)
if written > 256:
    print("got", written, "MiB of files, 16 are allowed")
"""
_BIG = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
def grow():
    with open("big", "wb") as file:
        for _ in range(24):
            file.write(PAGE)
    with open("wide", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 24 << 20)
forbidden("a file of 24 MiB, 4 are allowed", grow)
"""
_BYTES = """
def fill():
    for number in range(64):
        with open(f"file{number}", "wb") as file:
            file.write(PAGE)
    time.sleep(0.5)
forbidden("64 MiB of files, 16 are allowed", fill)
"""
_FILES = """
def fill():
    for number in range(12000):
        os.close(os.open(f"file{number}", os.O_CREAT | os.O_WRONLY))
    time.sleep(0.5)
forbidden("12000 files, 10000 are allowed", fill)
"""
_REMOVED = """
def hold():
    held = []
    for _ in range(64):
        held.append(open("gone", "wb", buffering=0))
        held[-1].write(PAGE)
        os.unlink("gone")
    time.sleep(0.5)
forbidden("64 MiB in removed files, 16 are allowed", hold)
"""
_FLIGHT = """
def hold():
    ends = [socket.socketpair() for _ in range(8)]
    for number in range(64):
        file = os.open("gone", os.O_CREAT | os.O_WRONLY)
        os.write(file, PAGE)
        os.unlink("gone")
        socket.send_fds(ends[number % 8][0], [b"x"], [file])
        os.close(file)
    time.sleep(0.5)
forbidden("64 MiB in files on their way between sockets, 16 are allowed", hold)
"""
_THREAD = """
import threading
kept = []
def hold():
    call("close_range", 4000, 4000, 2)
    for number in range(64):
        kept.append(os.open("gone", os.O_CREAT | os.O_WRONLY))
        os.write(kept[-1], PAGE)
        os.unlink("gone")
    time.sleep(0.5)
thread = threading.Thread(target=lambda: forbidden(
    "64 MiB in files that only a thread holds, 16 are allowed", hold))
thread.start()
thread.join()
"""
# Nobody may look into a process that runs a program which its user may not read.
_UNREADABLE = """
tool = os.open("tool", os.O_CREAT | os.O_WRONLY, 0o111)
os.write(tool, open("/bin/sh", "rb").read())
os.close(tool)
wait_out, wait_in = os.pipe()
running = []
for _ in range(5):
    started, starting = os.pipe()  # closes with exec
    running.append(os.fork())
    if running[-1] == 0:
        os.dup2(wait_out, 0)
        os.close(wait_in)
        for _ in range(12):
            file = os.open("gone", os.O_CREAT | os.O_WRONLY)
            os.write(file, PAGE)
            os.unlink("gone")
            os.set_inheritable(file, True)
        os.execv("./tool", ["tool", "-c", "read word"])
    os.close(starting)
    os.read(started, 1)
time.sleep(0.5)
left = [pid for pid in running if os.waitpid(pid, os.WNOHANG) == (0, 0)]
print(left)
if len(left) == 5:
    print("got 60 MiB in files of programs nobody can look into, 16 are allowed")
"""
_HIDDEN = """
def fill():
    os.mkdir("shut", 0o300)
    for number in range(64):
        with open(f"shut/file{number}", "wb") as file:
            file.write(PAGE)
    time.sleep(0.5)
forbidden("64 MiB in a folder that cannot be listed, 16 are allowed", fill)
"""
_DEEP = """
try:
    for _ in range(3000):
        os.mkdir("deep")
        os.chdir("deep")
except OSError as error:
    print("refused", error)
"""
_UNREMOVABLE = """
for name in (b"\\xff\\xfe", b"new\\nline", b"-rf", b" ", b"x" * 255):
    os.makedirs(name + b"/inside") if len(name) < 200 else os.mkdir(name)
os.symlink(os.path.dirname(bait["secrets"][0]), "out")
os.symlink("loop", "loop")
os.mkdir("shut")
open("shut/file", "w").close()
attempt(lambda: os.chmod("shut", 0))
attempt(lambda: os.chmod(".", 0))
attempt(lambda: os.mkfifo("pipe"))
import fcntl
def flags(value):
    folder = os.open("shut", os.O_RDONLY)
    fcntl.ioctl(folder, 0x40086602, struct.pack("l", value))
    os.close(folder)
forbidden("a folder that nobody may change", lambda: flags(0x10))
attempt(lambda: flags(0))
"""
_LOOP = """
for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
    signal.signal(number, signal.SIG_IGN)
until = time.monotonic() + 3
while time.monotonic() < until:
    pass
"""
_SLEEP = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.close(0), os.close(2)
time.sleep(3)
"""
_STOP = """
if os.fork() == 0:
    os.setsid()
    time.sleep(2.5)
    os.kill(os.getppid(), signal.SIGCONT)
    os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
"""
_FLOOD = """
for _ in range(2048):
    os.write({number}, b"x" * 1024)
"""
_FULL: tuple[SandboxStatus, ...] = ("ok", "nonzero", "out_of_memory", "output_limit")

ATTACKS = (
    Attack("memory", "take twice the memory allowed", "memory", _HOG,
           statuses=("nonzero", "out_of_memory"), bounded=False),
    Attack("memory-in-processes", "take it in six processes", "memory",
           _HOGS.replace("{take}", _PRIVATE), statuses=("ok", "nonzero", "out_of_memory"),
           bounded=False),
    Attack("shared-memory", "take it as memory that processes share", "memory",
           _HOGS.replace("{take}", _SHARED), statuses=("ok", "nonzero", "out_of_memory"),
           bounded=False),
    Attack("memory-without-leader", "take it in processes whose first thread has ended", "memory",
           _LEADERLESS, statuses=("ok", "nonzero", "out_of_memory"), bounded=False),
    Attack("memory-in-sockets", "take it as bytes on their way between sockets", "memory",
           _SOCKETS, statuses=("ok", "nonzero", "out_of_memory"), bounded=False),
    Attack("memory-files", "take it as files without a name", "memory", _MEMFD,
           statuses=("ok", "nonzero", "out_of_memory"), bounded=False),
    Attack("memory-in-tmpfs", "take it as files in every temporary folder", "memory", _TMPFS,
           statuses=_FULL, rests_on=("filesystem",), bounded=False),
    Attack("huge-file", "write one file beyond its limit", "disk", _BIG, statuses=_FULL),
    Attack("many-bytes", "write many files, together too large", "disk", _BYTES, statuses=_FULL),
    Attack("many-files", "write more files than anyone needs", "disk", _FILES,
           statuses=(*_FULL, "timeout")),  # a busy machine may not let it come that far
    Attack("removed-files", "fill the disk with removed files held open", "disk", _REMOVED,
           statuses=_FULL),
    Attack("files-in-flight", "fill the disk with files on their way to nobody", "disk", _FLIGHT,
           statuses=_FULL),
    Attack("files-in-thread", "fill the disk with files that only a thread holds", "disk", _THREAD,
           statuses=_FULL),
    Attack("unreadable-program", "fill the disk from a program that cannot be looked into", "disk",
           _UNREADABLE, statuses=_FULL),
    Attack("hidden-files", "fill the disk in folders that cannot be listed", "disk", _HIDDEN,
           statuses=_FULL),
    Attack("deep-folders", "nest folders deeper than paths can name", "disk", _DEEP,
           statuses=_FULL),
    Attack("unremovable", "leave files that are hard to remove", "disk", _UNREMOVABLE,
           statuses=("ok", "nonzero")),
    Attack("endless-loop", "compute for ever, ignoring signals", "time", _LOOP,
           statuses=("timeout",), limits=SHORT),
    Attack("endless-sleep", "sleep past its time, ignoring SIGTERM", "time", _SLEEP,
           statuses=("timeout",), limits=SHORT),
    Attack("stop", "stop itself, so that it never ends", "time", _STOP, statuses=("timeout",),
           limits=SHORT),
    Attack("flood-stdout", "print without end", "output", _FLOOD.replace("{number}", "1"),
           statuses=("output_limit",)),
    Attack("flood-stderr", "print errors without end", "output", _FLOOD.replace("{number}", "2"),
           statuses=("output_limit",)),
)  # fmt: skip
