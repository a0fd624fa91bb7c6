"""The container around workers, with a real engine. Bounded, loopback only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from docker_asked import (
    HERE,
    LIMITS,
    MOST,
    ask,
    converse,
    inside,
    needs,
    of_owner,
    told,
    within,
)
from docker_parts import python_image

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.docker import DockerWall
from kernelgepa.sandbox.wall import Zygote, ZygoteDied
from kernelgepa.sandbox.walled import WalledSandbox


def test_many_requests_at_a_time_get_their_own_answers(zygote: Zygote):
    with ThreadPoolExecutor(8) as threads:
        sizes = [n * 1000 for n in range(40)]
        answers = threads.map(lambda size: told(zygote, "big_answer", size=size), sizes)
        assert [len(a) for a in answers] == sizes


def test_large_requests_and_answers_pass_whole(docker_engine: str):
    data = os.urandom(5 << 20).hex()[: 7 << 20].encode()
    started = DockerWall().start(needs("sandbox_handlers:upper"))
    try:
        with ThreadPoolExecutor(3) as threads:
            for head, payload in threads.map(lambda _: converse(started, data), range(3)):
                assert head["status"] == "ok"
                assert payload == data.upper()
    finally:
        started.stop()


def test_an_answer_longer_than_asked_for_is_refused_and_the_next_works(zygote: Zygote):
    request = json.dumps({"do": "big_answer", "size": 3 << 20}).encode()
    with pytest.raises(ZygoteDied, match="longer"):
        zygote.ask(request, 30.0, 1 << 20)
    assert told(zygote, "big_answer", size=3) == "xxx"


def test_an_answer_that_does_not_come_is_given_up_and_its_job_ended(zygote: Zygote):
    with pytest.raises(ZygoteDied, match="in time"):
        zygote.ask(b'{"do": "sleep", "seconds": 60}', 0.3, MOST)
    assert told(zygote, "big_answer", size=3) == "xxx"


def test_each_request_has_a_fresh_uid_and_folder(zygote: Zygote):
    first, second = told(zygote, "facts"), told(zygote, "facts")
    assert first["uid"] != second["uid"]
    assert min(first["uid"], second["uid"]) > 2_000_000_000
    assert first["cwd"] != second["cwd"]
    assert told(zygote, "write", path="left") == "written"
    assert told(zygote, "read", path="left") == "refused 2"


CAPABILITIES = """
import ctypes
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
print(ctypes.CDLL(None).capget(header, data), *data)
"""


def test_a_job_has_no_privilege_and_no_uid_that_a_job_of_another_container_has(zygote: Zygote):
    assert told(zygote, "python", script=CAPABILITIES, given=[]) == "0 0 0 0 0 0 0\n"
    started = DockerWall().start(needs())
    try:
        uids = [told(z, "facts")["uid"] for z in (zygote, started, zygote, started)]
        assert abs(uids[0] - uids[1]) > 1000
        assert abs(uids[2] - uids[3]) > 1000
    finally:
        started.stop()


def test_a_job_sees_no_variable_of_ours(zygote: Zygote, api: Any, container: str):
    known = {
        "PATH", "HOME", "TMPDIR", "XDG_CACHE_HOME", "ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR",
        "LANG", "LC_CTYPE", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
    }  # fmt: skip
    assert set(told(zygote, "facts")["environment"]) <= known
    given = api.inspect_container(container)["Config"]["Env"] or []
    names = {pair.partition("=")[0] for pair in given}
    assert names <= {"PATH"}


SEEN = """
import json, os, socket, sys
secret, port, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
def refused(act):
    try:
        act()
    except OSError as error:
        return error.errno
    return 0
def connect():
    with socket.socket() as s:
        s.connect(("127.0.0.1", port))
print(json.dumps({
    "secret": refused(lambda: open(secret)),
    "home": refused(lambda: os.listdir(os.path.dirname(secret))),
    "written": [refused(lambda: open(n + "/planted", "w")) for n in names],
    "connected": refused(connect),
    "interfaces": [l.split(":")[0].strip() for l in open("/proc/net/dev").readlines()[2:]],
    "processes": [open(f"/proc/{p}/comm").read().strip() for p in os.listdir("/proc")
                  if p.isdigit()],
    "shared memory": os.path.exists("/dev/shm"),
    "root": sorted(os.listdir("/")),
    "names": open("/etc/resolv.conf").read() + open("/etc/hosts").read() + socket.gethostname(),
    "limit": open("/proc/self/limits").read().count("0                    0"),
    "privileges": [l.split()[1] for l in open("/proc/self/status")
                   if l.startswith(("CapEff", "NoNewPrivs", "Seccomp:"))],
}))
"""


def test_what_a_program_in_the_container_finds_without_any_other_measure(
    api: Any, container: str, tmp_path: Path
):
    secret = tmp_path / "secret"
    secret.write_text("e2c569be")
    harness_folder = str(content("sandbox") / "harness")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        port = str(listening.getsockname()[1])
        names = ["/", "/usr", "/etc", str(HERE), harness_folder]
        found = inside(api, container, SEEN, str(secret), port, *names)
    assert found["secret"] == found["home"] == 2
    assert all(error in (13, 30) for error in found["written"])
    assert found["connected"]
    assert found["interfaces"] == ["lo"]
    assert 3 <= len(found["processes"]) < 10
    assert not found["shared memory"]
    assert not {"home", "srv", "mnt", "media", "boot", "var"} & set(found["root"])
    assert found["names"] == "sandbox"
    assert found["privileges"] == ["0000000000000000", "1", "2"]


def test_root_in_the_container_cannot_write_what_is_mounted(api: Any, container: str):
    script = (
        "import json, os, sys\n"
        "found = []\n"
        "for name in sys.argv[1:]:\n"
        "    try: open(name + '/planted', 'w'); found.append(0)\n"
        "    except OSError as error: found.append(error.errno)\n"
        "print(json.dumps(found))\n"
    )
    names = ["/", "/usr/lib", "/etc", str(HERE), str(content("sandbox") / "harness")]
    made = api.exec_create(container, [sys.executable, "-c", script, *names], user="0")
    assert json.loads(api.exec_start(made["Id"])) == [30] * len(names)


CALLS = """
import ctypes, json, sys
libc, found = ctypes.CDLL(None, use_errno=True), {}
for number in map(int, sys.argv[1:]):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), -1, 0, 0, 0, 0)
    found[number] = [result, ctypes.get_errno()]
print(json.dumps({
    "closed": found,
    "namespaces": [libc.syscall(ctypes.c_long({clone}), 1 << bit, 0, 0, 0, 0)
                   for bit in (17, 25, 26, 27, 28, 29, 30)],
}))
"""
LANDLOCK = """
import ctypes
nothing = (None, ctypes.c_size_t(0), ctypes.c_uint32(1))
print(ctypes.CDLL(None).syscall(ctypes.c_long(444), *nothing))
"""
# ptrace, process_vm_readv, mount, unshare, setns, keyctl, bpf, perf_event_open, userfaultfd,
# io_uring_setup, open_by_handle_at, kexec_load, pidfd_getfd; socket, clone3
NUMBERS = {
    "x86_64": (101, 310, 165, 272, 308, 250, 321, 298, 323, 425, 304, 246, 438, 41, 435),
    "aarch64": (117, 270, 40, 97, 268, 219, 280, 241, 282, 425, 265, 104, 438, 198, 435),
}
CLONE = {"x86_64": 56, "aarch64": 220}


def test_the_engine_filters_calls_by_our_tables_and_leaves_landlock_open(api: Any, container: str):
    machine = os.uname().machine
    script = CALLS.replace("{clone}", str(CLONE[machine]))
    found = inside(api, container, script, *map(str, NUMBERS[machine]))
    assert len(found["closed"]) == 15
    assert all(result == -1 and error in (1, 38) for result, error in found["closed"].values())
    assert found["namespaces"] == [-1] * 7
    version = subprocess.run([sys.executable, "-c", LANDLOCK], capture_output=True, check=True)
    assert inside(api, container, LANDLOCK) == json.loads(version.stdout)


def test_the_engine_was_asked_for_every_measure(api: Any, container: str):
    asked = api.inspect_container(container)["HostConfig"]
    assert asked["NetworkMode"] == asked["IpcMode"] == "none"
    assert asked["ReadonlyRootfs"]
    assert asked["AutoRemove"]
    assert asked["CapDrop"] == ["ALL"]
    assert asked["Memory"] == asked["MemorySwap"] > 2 * LIMITS.memory_bytes
    assert 2 * LIMITS.processes < asked["PidsLimit"] < 100
    assert asked["LogConfig"]["Type"] == "none"
    assert not asked["Privileged"]
    assert not asked["Devices"]
    assert not asked["DeviceRequests"]
    assert all(m["ReadOnly"] for m in asked["Mounts"])


def test_commands_run_there_with_their_files_and_every_guarantee(docker_engine: str):
    shell = "tr a-z A-Z < given > made; id -u; cat"
    with WalledSandbox(DockerWall()) as sandbox:
        job = SandboxJob(
            ("/bin/sh", "-c", shell), {"given": b"x" * 3}, {"made": 3}, stdin=b"in", limits=LIMITS
        )
        outcome = sandbox.run(job)
        assert outcome.status == "ok", outcome
        uid, rest = outcome.stdout.split(b"\n")
        assert int(uid) > 2_000_000_000
        assert (rest, outcome.files) == (b"in", {"made": b"XXX"})
        assert all(sandbox.guarantees().values()), sandbox.guarantees()


@pytest.mark.parametrize(
    ("action", "statuses"),
    [
        ("hog", {"out_of_memory"}),
        ("grow", {"out_of_memory"}),
        ("spin", {"timeout"}),
        ("flood", {"output_limit"}),
        ("many_files", {"output_limit"}),
        ("abort", {"crashed"}),
        ("fail", {"error"}),
        ("fork_bomb", {"ok", "out_of_memory"}),
        ("daemonise", {"ok"}),
    ],
)
def test_the_first_process_survives_a_job_that_misbehaves(
    zygote: Zygote, api: Any, container: str, action: str, statuses: set[str]
):
    assert ask(zygote, action)[0]["status"] in statuses
    assert told(zygote, "big_answer", size=3) == "xxx"
    assert of_owner(api, os.getpid()) == [container]
    processes = api.top(container)["Processes"]
    assert within(3, lambda: len(api.top(container)["Processes"]) == 2), processes


@pytest.fixture(scope="module")
def image(docker_engine: str, api: Any) -> Iterator[str]:
    """A container image with a python of its own, made without a registry."""
    assert shutil.which("ldd")
    name, tag = "kernelgepa-test-image", str(os.getpid())
    api.import_image_from_data(python_image(), repository=name, tag=tag)
    yield f"{name}:{tag}"
    api.remove_image(f"{name}:{tag}", force=True)


def test_an_image_with_its_own_python_runs_its_own_packages(api: Any, image: str):
    before = set(of_owner(api, os.getpid()))
    started = DockerWall(image=image).start(needs("only_in_the_image:handle"))
    try:
        head, payload = converse(started, b"request")
        assert head["status"] == "ok", head
        found = json.loads(payload)
        assert found["request"] == "request"
        assert found["uid"] > 2_000_000_000
        assert found["kernelgepa"] == str(Path(harness.__file__).parents[1] / "__init__.py")
        assert found["prefix"] == "/usr/local"
        (made,) = set(of_owner(api, os.getpid())) - before
        mounted = {m["Destination"] for m in api.inspect_container(made)["Mounts"]}
        assert {Path(m).name for m in mounted} == {"kernelgepa", "sandbox"}
    finally:
        started.stop()


def test_commands_in_an_image_find_its_programs_and_nothing_of_the_host(image: str):
    script = "import json, os, sys; print(json.dumps([sys.prefix, os.path.exists('/bin/sh')]))"
    with WalledSandbox(DockerWall(image=image)) as sandbox:
        outcome = sandbox.run(SandboxJob(("", "-I", "-c", script), limits=LIMITS))
        assert outcome.status == "ok", outcome
        assert json.loads(outcome.stdout) == ["/usr/local", False]
        with pytest.raises(InfrastructureError, match="/bin/sh"):
            sandbox.run(SandboxJob(("/bin/sh", "-c", "true"), limits=LIMITS))
        assert all(sandbox.guarantees().values()), sandbox.guarantees()
