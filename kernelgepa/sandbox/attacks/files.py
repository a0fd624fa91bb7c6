"""Attacks on files and on the environment of whoever started the sandbox."""

from __future__ import annotations

from kernelgepa.sandbox.attacks.model import Attack

_READ = """
for path in bait["secrets"]:
    attempt(lambda: open(path).read())
    attempt(lambda: open("../" * 30 + path[1:]).read())
    attempt(lambda: open("/proc/self/root" + path).read())
    attempt(lambda: open(f"/proc/self/fd/{os.open('/', os.O_PATH)}{path}").read())
"""
_LINKS = """
for number, path in enumerate(bait["secrets"]):
    soft, hard = f"soft{number}", f"hard{number}"
    attempt(lambda: os.symlink(path, soft))
    attempt(lambda: open(soft).read())
    attempt(lambda: os.link(path, hard))
    attempt(lambda: open(hard).read())
    attempt(lambda: os.link(soft, hard + "2", follow_symlinks=True))
    attempt(lambda: open(hard + "2").read())
"""
_LIST = """
for folder in bait["folders"]:
    attempt(lambda: os.listdir(folder))
    attempt(lambda: [n for n in os.listdir(os.path.dirname(folder)) if "attack" in n])
    attempt(lambda: list(os.scandir(os.open(folder, os.O_RDONLY))))
    attempt(lambda: call("inotify_add_watch", call("inotify_init1", 0), folder.encode(), 0x100))
"""
_PROC = """
pids = ["self", "1", str(os.getppid()), str(bait["parent"]), str(bait["victim"])]
for pid in pids:
    for path in bait["secrets"]:
        attempt(lambda: open(f"/proc/{pid}/root{path}").read())
        attempt(lambda: open(f"/proc/{pid}/cwd/{'../' * 20}{path[1:]}").read())
attempt(lambda: (os.mkdir("root"), os.chroot("root")))
for path in bait["secrets"]:
    attempt(lambda: open("../" * 30 + path[1:]).read())
"""
_WRITE = """
for number, path in enumerate(bait["secrets"]):
    beside = os.path.dirname(path)
    attempt(lambda: open(f"{beside}/new{number}", "w").write("x"))
    attempt(lambda: os.mkdir(f"{beside}/made{number}"))
    attempt(lambda: os.symlink("/", f"{beside}/link{number}"))
    attempt(lambda: open(path, "a").write("x"))
    attempt(lambda: open(path, "r+").write("x"))
    attempt(lambda: os.truncate(path, 0))
    attempt(lambda: os.rename(path, path + ".moved"))
    attempt(lambda: os.unlink(path + ".moved"))
    attempt(lambda: os.unlink(path))
attempt(lambda: open(bait["target"] + "/planted", "w").write("x"))
"""
_ATTRIBUTES = """
for path in bait["secrets"]:
    attempt(lambda: os.chmod(path, 0o4777))
    attempt(lambda: os.chown(path, os.getuid() + 1, -1))
    attempt(lambda: os.utime(path, (1, 1)))
    attempt(lambda: os.setxattr(path, "user.attack", b"x"))
    attempt(lambda: os.link(path, os.path.dirname(path) + "/twin"))
"""
_SYSTEM = """
for path in (sys.executable, "/proc/self/exe", os.__file__, bait["harness"]):
    forbidden("to write " + path, lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
for folder in bait["roots"]:
    attempt(lambda: open(f"{folder}/{bait['marker']}-system", "w").write("x"))
"""
_DEVICES = """
import stat
names = ["mem", "kmem", "port", "kmsg", "kvm", "fuse", "loop-control", "net/tun", "uinput", "ppp",
         "mapper/control", "vhost-vsock", "vhost-net", "nvidiactl", "nvidia0", "nvidia-uvm",
         "kfd", "dri/card0", "dri/renderD128", "accel/accel0", "cpu_dma_latency"]
try:
    names += [e.name for e in os.scandir("/dev") if stat.S_ISBLK(e.stat().st_mode)]
except OSError as error:
    print("refused", error)
for name in names:
    forbidden("/dev/" + name, lambda: os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK))
for name, kind, device in (("chr", stat.S_IFCHR, (1, 1)), ("blk", stat.S_IFBLK, (7, 0))):
    forbidden("a device of its own", lambda: (
        os.mknod(name, kind | 0o666, os.makedev(*device)), os.open(name, os.O_RDONLY)))
"""
_PASSWORDS = """
for path in ("/etc/shadow", "/etc/gshadow", "/root/.ssh/id_rsa", "/etc/ssh/ssh_host_rsa_key"):
    forbidden(path, lambda: open(path).read())
"""
_DESCRIPTORS = """
import resource
for number in range(3, 256):
    try:
        os.fstat(number)
    except OSError:
        continue
    print("got descriptor", number)
"""
_NEIGHBOUR = """
own = bait["marker"] + "-own"
until = time.monotonic() + 1.2
places = ("..", "/tmp", "/dev/shm", "/var/tmp", bait["temp"])
while time.monotonic() < until:
    for place in places:
        for path, folders, names in os.walk(place):
            near = path.count("/") - place.count("/") < 3
            folders[:] = [f for f in folders if near and (path == ".." or "kernelgepa" in path + f)]
            for name in names:
                if name == own:
                    attempt(lambda: open(os.path.join(path, name)).read())
                    attempt(lambda: open(os.path.join(path, name), "w").write("forged"))
    try:
        running = [int(n) for n in os.listdir("/proc") if n.isdigit() and int(n) != os.getpid()]
    except OSError:
        running = []
    for pid in running:
        try:
            print(open(f"/proc/{pid}/cwd/{own}").read())
            open(f"/proc/{pid}/cwd/{own}", "w").write("forged")
        except OSError:
            pass
    time.sleep(0.05)
"""
_BESIDE = """
own = bait["marker"] + "-own"
open(own, "w").write(bait["neighbour"])
time.sleep(0.8)
print("intact" if open(own).read() == bait["neighbour"] else "changed")
"""
_MESSAGE = """
words = bait["marker"] + "-left"
for place in (*bait["roots"], "/dev/mqueue", "..", "/run", "/", os.environ.get("HOME", "/")):
    attempt(lambda: open(f"{place}/{words}", "w").write(words))
"""
_LOOK = """
for place in (*bait["roots"], "/dev/mqueue", "..", "/run", "/", "."):
    try:
        found = [n for n in os.listdir(place) if "-left" in n and bait["marker"] in n]
    except OSError:
        continue
    if found:
        print("got a message in", place)
"""
_ENVIRONMENT = """
print(dict(os.environ))
attempt(lambda: open("/proc/self/environ").read())
libc.getenv.restype = ctypes.c_char_p
print(libc.getenv(b"KERNELGEPA_ATTACK_API_KEY"))
"""
_OTHERS = """
for pid in ["1", str(os.getppid()), str(bait["parent"]), str(bait["victim"])]:
    attempt(lambda: open(f"/proc/{pid}/environ").read())
try:
    running = os.listdir("/proc")
except OSError:
    running = []
for pid in running:
    try:
        text = open(f"/proc/{pid}/environ").read()
    except OSError:
        continue
    at = text.find("KERNELGEPA_ATTACK_API_KEY")
    if at >= 0:
        print(text[at:at + 100])
"""
_COMMANDS = """
attempt(lambda: open(f"/proc/{bait['victim']}/cmdline").read())
try:
    running = os.listdir("/proc")
except OSError as error:
    running = []
    print("refused", error)
for pid in running:
    try:
        text = open(f"/proc/{pid}/cmdline").read()
    except OSError:
        continue
    if bait["victim_mark"] in text:
        print(text)
"""

ATTACKS = (
    Attack("read-secret", "read a file of the user", "filesystem", _READ),
    Attack("read-through-links", "read a file of the user through links", "filesystem", _LINKS),
    Attack("list-folders", "list and watch folders of the user", "filesystem", _LIST),
    Attack("read-through-proc", "reach files through other processes' roots", "filesystem", _PROC),
    Attack("write-outside", "write, rename and delete files of the user", "filesystem", _WRITE),
    Attack("change-attributes", "change modes, owners, times, names", "filesystem", _ATTRIBUTES),
    Attack("write-system", "change the interpreter, or leave files beside it", "filesystem",
           _SYSTEM),
    Attack("read-passwords", "read the system's passwords and keys", "filesystem", _PASSWORDS),
    Attack("host-devices", "open memory, disks, kernel and GPU devices", "filesystem", _DEVICES),
    Attack("inherited-descriptors", "use descriptors it inherited", "filesystem", _DESCRIPTORS),
    Attack("other-job", "read and change the folder of a job beside it", "filesystem", _NEIGHBOUR,
           beside=_BESIDE),
    Attack("message-in-files", "leave a file for the next job", "filesystem", _MESSAGE,
           then=_LOOK),
    Attack("own-environment", "find an API key in its environment", "environment", _ENVIRONMENT),
    Attack("others-environment", "find an API key in its parents' environment", "environment",
           _OTHERS),
    Attack("others-commands", "read the command lines of other processes", "filesystem",
           _COMMANDS),
)  # fmt: skip
