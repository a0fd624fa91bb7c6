"""Attacks on other processes, and on the promise that nothing outlives its job."""

from __future__ import annotations

from kernelgepa.sandbox.attacks.model import Attack

_KILL = """
victim = bait["victim"]
attempt(lambda: os.kill(victim, signal.SIGUSR1))
attempt(lambda: os.killpg(os.getpgid(victim), signal.SIGUSR1))
attempt(lambda: call("tgkill", victim, victim, signal.SIGUSR1))
attempt(lambda: call("pidfd_send_signal", call("pidfd_open", victim, 0), signal.SIGUSR1, 0, 0))
info = ctypes.create_string_buffer(struct.pack("=iii", signal.SIGUSR1, 0, -1), 128)
attempt(lambda: call("rt_sigqueueinfo", victim, signal.SIGUSR1, info))
attempt(lambda: os.kill(victim, signal.SIGKILL))
"""
_KILL_ALL = """
signal.signal(signal.SIGCONT, signal.SIG_IGN)
attempt(lambda: os.kill(-1, signal.SIGCONT))
attempt(lambda: os.kill(-1, 0))
"""
_SUPERVISOR = """
for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    forbidden("to signal whoever watches it", lambda: os.kill(os.getppid(), number))
"""
_PTRACE = """
def attach():
    call("ptrace", 16, bait["victim"], 0, 0)
    os.waitpid(bait["victim"], 0x40000000)
    word, seen = ctypes.c_uint64(), b""
    for at in range(0, 32, 8):
        call("ptrace", 2, bait["victim"], bait["address"] + at, ctypes.byref(word))
        seen += struct.pack("=Q", word.value)
    return seen
attempt(attach)
forbidden("to be traced", lambda: call("ptrace", 0, 0, 0, 0))
forbidden("to seize a process", lambda: call("ptrace", 0x4206, bait["victim"], 0, 0))
"""
_MEMORY = """
class Piece(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
victim, address, size = bait["victim"], bait["address"], 32
into = ctypes.create_string_buffer(size)
here = ctypes.byref(Piece(ctypes.addressof(into), size))
there = ctypes.byref(Piece(address, size))
attempt(lambda: (call("process_vm_readv", victim, here, 1, there, 1, 0), into.raw))
def read():
    with open(f"/proc/{victim}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)
attempt(read)
forged = ctypes.create_string_buffer(b"f" * size)
attempt(lambda: call("process_vm_writev", victim,
                     ctypes.byref(Piece(ctypes.addressof(forged), size)), 1, there, 1, 0))
"""
_STEAL = """
for number in range(3):
    forbidden(f"descriptor {number} of a process outside",
              lambda: call("pidfd_getfd", call("pidfd_open", bait["victim"], 0), number, 0))
forbidden("to compare descriptors outside", lambda: call("kcmp", bait["victim"], bait["victim"],
                                                         0, 0, 0))
"""
_SLOW = """
import resource
victim = bait["victim"]
attempt(lambda: os.setpriority(os.PRIO_PROCESS, victim, 5))
attempt(lambda: os.sched_setaffinity(victim, {max(os.sched_getaffinity(0))}))
attempt(lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 64)))
attempt(lambda: open(f"/proc/{victim}/oom_score_adj", "w").write("900"))
"""
_BOMB = """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
until = time.monotonic() + 0.7
while time.monotonic() < until:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
_MANY = """
made = 0
try:
    while made < 300:
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
        made += 1
except OSError as error:
    print("refused", made, error)
else:
    print("got", made, "processes")
"""
_DAEMON = """
def late():
    os.setsid()
    os.closerange(0, 3)
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    if os.fork() == 0:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            time.sleep(0.2)
            try:
                open(bait["target"] + "/late", "w").close()
            except OSError:
                pass
    os._exit(0)
for _ in range(3):
    if os.fork() == 0:
        os.setpgid(0, 0)
        if os.fork() == 0:
            late()
        os._exit(0)
"""
# Never the same process twice: who kills what was listed comes too late. Some live long enough to
# be seen from outside, and a moment without room for one more is waited for.
_RUNAWAY = """
until = time.monotonic() + 3
def forked():
    while time.monotonic() < until:
        try:
            return os.fork()
        except OSError:
            time.sleep(0.001)
    os._exit(0)
for pause in (0, 0.001, 0.004, 0.02, 0.1, 0.3):
    if forked() == 0:
        os.closerange(0, 3)
        while forked() == 0:
            os.setsid()
            time.sleep(pause)
        os._exit(0)
time.sleep(0.1)
"""
_SIBLING = """
for flags in (0x8000 | signal.SIGCHLD, 0x8000, 0):  # a child of the parent; one without a signal
    def clone():
        if call("clone", flags, 0, 0, 0, 0) == 0:
            os.closerange(0, 3)
            time.sleep(2)
            os._exit(0)
    attempt(clone)
"""
_HOLD = """
if os.fork() == 0:
    os.setsid()
    time.sleep(3)
    os._exit(0)
"""

ATTACKS = (
    Attack("kill-outside", "signal and kill a process of the user", "processes", _KILL),
    Attack("kill-all", "signal every process there is", "processes", _KILL_ALL, bounded=False),
    Attack("kill-supervisor", "stop and kill whoever watches it", "processes", _SUPERVISOR,
           bounded=False),
    Attack("ptrace", "trace a process of the user", "processes", _PTRACE),
    Attack("read-memory", "read and write the memory of a process", "processes", _MEMORY),
    Attack("steal-descriptors", "take descriptors of a process", "processes", _STEAL),
    Attack("slow-outside", "change priority and limits of a process", "processes", _SLOW),
    Attack("fork-bomb", "fork without end", "processes", _BOMB,
           statuses=("ok", "nonzero", "timeout", "out_of_memory"), bounded=False),
    Attack("many-processes", "start 300 processes where 16 are allowed", "processes", _MANY,
           statuses=("ok", "out_of_memory")),
    Attack("daemon", "leave processes that outlive the job", "time", _DAEMON,
           statuses=("ok", "nonzero")),  # a user's own processes may leave it no room to fork
    Attack("runaway", "fork away from whoever would end it", "time", _RUNAWAY,
           statuses=("ok", "out_of_memory")),
    Attack("sibling", "leave a child of whoever watches it", "time", _SIBLING),
    Attack("hold-output", "keep the output open after its end", "time", _HOLD),
)  # fmt: skip
