"""Attacks on the kernel: interfaces that have held holes, and settings of the whole machine."""

from __future__ import annotations

from kernelgepa.sandbox.attacks.model import Attack

_IO_URING = """
closed("io_uring_setup", 1, ctypes.create_string_buffer(120))
"""
_BPF = """
closed("bpf", 0, ctypes.create_string_buffer(struct.pack("=IIIII", 2, 4, 8, 1, 0), 128), 128)
closed("bpf", 5, ctypes.create_string_buffer(128), 128)
"""
_KEYS = """
closed("keyctl", 0, -3, 1)
closed("add_key", b"user", bait["marker"].encode(), b"left", 4, -4)
attempt(lambda: call("keyctl", 15, call("keyctl", 10, -4, b"user", bait["marker"].encode(), 0), 5))
"""
_KEYS_NEXT = """
forbidden("a key that another job left",
          lambda: call("keyctl", 10, -4, b"user", bait["marker"].encode(), 0))
"""
_PERF = """
attributes = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 112, 0), 112)
closed("perf_event_open", attributes, 0, -1, -1, 0)
"""
_USERFAULT = """
closed("userfaultfd", 1)
closed("userfaultfd", 0)
"""
_MOUNT = """
os.mkdir("here")
closed("mount", b"none", b"here", b"no-such-system", 0, 0)
closed("fsopen", b"tmpfs", 0)
closed("open_tree", -100, b"here", 1)
closed("pivot_root", b"here", b"here")
closed("chroot", b"here")
"""
_NAMESPACES = """
for name, flag in (("user", 0x10000000), ("mount", 0x20000), ("network", 0x40000000),
                   ("process", 0x20000000), ("user and mount", 0x10020000)):
    forbidden("a new namespace: " + name, lambda: call("unshare", flag))
def clone():
    pid = call("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0: os._exit(0)
forbidden("a new process in a new namespace", clone)
closed("clone3", ctypes.create_string_buffer(struct.pack("=Q", 0x10000000), 64), 64)
for name in ("user", "mnt", "net", "pid"):
    forbidden("the namespace of a process outside: " + name, lambda: call(
        "setns", os.open(f"/proc/{bait['victim']}/ns/{name}", os.O_RDONLY), 0))
closed("setns", 0, 0)
"""
_HANDLES = """
handle = ctypes.create_string_buffer(struct.pack("=Ii", 128, 0), 136)
number = ctypes.c_int()
for path in (bait["secrets"][0], "."):
    forbidden("a handle of " + path, lambda: call(
        "name_to_handle_at", -100, path.encode(), handle, ctypes.byref(number), 0))
closed("open_by_handle_at", -100, handle, 0)
"""
_SETTINGS = """
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
             "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger", "/proc/1/oom_score_adj",
             "/proc/sys/kernel/yama/ptrace_scope", "/sys/kernel/uevent_helper",
             "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/release_agent",
             "/sys/fs/cgroup/cgroup.procs", "/sys/power/state", "/sys/kernel/mm/ksm/run"):
    forbidden("to write " + path, lambda: os.open(path, os.O_WRONLY))
"""
_LOG = """
into = ctypes.create_string_buffer(4096)
closed("syslog", 3, into, 4096)
forbidden("the addresses of the kernel", lambda: int(open("/proc/kcore", "rb").read(1) != b""))
"""
_MACHINE = """
closed("sethostname", socket.gethostname().encode(), len(socket.gethostname()))
closed("init_module", 0, 0, b"")
closed("kexec_load", 0, 0, 0, 0x7FFF)
closed("swapon", 0, 0)
closed("reboot", 0, 0, 0, 0)
"""
_PERSONALITY = """
closed("personality", 0x0040000)
"""
_FOREIGN_CALLS = """
import mmap
def code(hexadecimal, number):
    "Runs instructions that make a call by another door, in a child, which may be killed for it."
    pid = os.fork()
    if pid == 0:
        page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(bytes.fromhex(hexadecimal).replace(b"NNNN", struct.pack("=I", number)))
        at = ctypes.addressof(ctypes.c_char.from_buffer(page))
        result = ctypes.CFUNCTYPE(ctypes.c_int)(at)()
        os._exit(42 if result > 0 else 0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
if os.uname().machine == "x86_64":
    # push rbx; mov eax, N; mov ebx, 1; mov ecx, 1; xor edx, edx; int 0x80; pop rbx; ret
    i386 = "53b84e4e4e4ebb01000000b90100000031d2cd805bc3"
    for name, number in (("getpid", 20), ("a socket", 359)):
        if code(i386, number) == 42: print("got", name, "through the 32-bit door")
    # mov eax, N; syscall; ret, with the bit of x32
    for name, number in (("getpid", 0x40000000 + 39), ("getppid", 0x40000000 + 110)):
        if code("b84e4e4e4e0f05c3", number) == 42: print("got", name, "through the x32 door")
"""
_PRIVILEGES = """
if libc.prctl(39, 0, 0, 0, 0) != 1:
    print("got programs that raise privileges")
for number in range(41):
    if number != 2 and libc.prctl(47, 2, number, 0, 0) == 0:
        print("got capability", number)
if os.getuid() != 0:
    forbidden("to become root", lambda: os.setresuid(0, 0, 0))
def through(*command):
    import subprocess
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=1)
    except subprocess.TimeoutExpired as error:
        raise OSError("it waits for a password") from error
    if done.returncode or done.stdout.split()[:1] != [b"0"] or os.getuid() == 0:
        raise OSError(done.returncode, "no")
forbidden("root through su", lambda: through("su", "-c", "id -u"))
forbidden("root through sudo", lambda: through("sudo", "-n", "id", "-u"))
forbidden("other groups", lambda: os.setgroups([0, 12345]))
forbidden("to become another user", lambda: os.setresuid(*[os.getuid() + 1] * 3))
"""
_IPC = """
key = bait["key"]
for name, arguments in (("shmget", (key, 4096, 0o1666)), ("msgget", (key, 0o1666)),
                        ("semget", (key, 1, 0o1666))):
    attempt(lambda: call(name, *arguments))
attempt(lambda: call("mq_open", bait["marker"].encode(), 0o102, 0o666, 0))
"""
_IPC_NEXT = """
forbidden("shared memory that another job left", lambda: call("shmget", bait["key"], 0, 0))
forbidden("a queue that another job left", lambda: call("msgget", bait["key"], 0))
forbidden("a semaphore that another job left", lambda: call("semget", bait["key"], 0, 0))
forbidden("messages that another job left",
          lambda: call("mq_open", bait["marker"].encode(), 0, 0, 0))
"""

ATTACKS = (
    Attack("io-uring", "make system calls through io_uring", "syscalls", _IO_URING),
    Attack("bpf", "load a program into the kernel", "syscalls", _BPF),
    Attack("keyring", "leave and find keys in the kernel", "syscalls", _KEYS, then=_KEYS_NEXT),
    Attack("perf", "count events of the processor", "syscalls", _PERF),
    Attack("userfaultfd", "handle the kernel's page faults", "syscalls", _USERFAULT),
    Attack("mount", "mount file systems and change its root", "syscalls", _MOUNT),
    Attack("namespaces", "make and enter namespaces", "syscalls", _NAMESPACES),
    Attack("file-handles", "open files by their handles", "syscalls", _HANDLES),
    Attack("kernel-settings", "open settings of the kernel to write", "syscalls", _SETTINGS),
    Attack("kernel-log", "read the kernel's log and memory", "syscalls", _LOG),
    Attack("machine", "rename, reboot, load modules", "syscalls", _MACHINE),
    Attack("personality", "switch off random addresses", "syscalls", _PERSONALITY),
    Attack("foreign-calls", "make system calls of other architectures", "syscalls",
           _FOREIGN_CALLS),
    Attack("privileges", "become root through setuid programs", "syscalls", _PRIVILEGES),
    Attack("message-in-ipc", "leave shared memory and queues for the next job", "syscalls", _IPC,
           then=_IPC_NEXT),
)  # fmt: skip
