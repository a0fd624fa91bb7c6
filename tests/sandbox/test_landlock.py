"""The Landlock sandbox: what a job gets, what it cannot do, and what is measured of that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, SandboxJob, SandboxOutcome
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.local import LandlockWall
from kernelgepa.sandbox.probe import GUARANTEES, measure
from kernelgepa.sandbox.walled import WalledSandbox

PYTHON = Path(sys.executable).resolve()
READABLE = (PYTHON, *harness.interpreter_paths())
LIMITS = Limits(
    wall_seconds=3.0,
    cpu_seconds=2.0,
    memory_bytes=400 << 20,
    output_bytes=1 << 14,
    file_bytes=4 << 20,
    processes=16,
)


@pytest.fixture(scope="module")
def sandbox() -> WalledSandbox:
    return WalledSandbox(LandlockWall())


def run(sandbox: WalledSandbox, script: str, **job: object) -> SandboxOutcome:
    made = SandboxJob(
        argv=(str(PYTHON), "-I", "-S", "-c", script), readable=READABLE, limits=LIMITS
    )
    return sandbox.run(SandboxJob(**{**vars(made), **job}))


def test_a_job_gets_its_files_and_input_and_leaves_what_was_declared(sandbox: WalledSandbox):
    done = run(
        sandbox,
        "import sys\n"
        "text = open('in/data').read() + sys.stdin.read()\n"
        "open('out', 'w').write(text.upper()); open('other', 'w').write('x')\n"
        "print('done'); print('said', file=sys.stderr); sys.exit(3)\n",
        files={"in/data": b"file "},
        stdin=b"stdin",
        collect={"out": 100, "never": 100},
    )
    assert (done.status, done.exit_code) == ("nonzero", 3)
    assert (done.stdout, done.stderr) == (b"done\n", b"said\n")
    assert done.files == {"out": b"FILE STDIN"}
    assert done.refused == {"never": "not written"}


def test_compiled_programs_of_the_system_run(sandbox: WalledSandbox):
    done = sandbox.run(SandboxJob(argv=("/bin/sh", "-c", "echo $((6 * 7)) && ls /usr >/dev/null")))
    assert (done.status, done.stdout) == ("ok", b"42\n")


def test_the_users_files_cannot_be_reached(sandbox: WalledSandbox, tmp_path: Path):
    tmp_path.chmod(0o777)
    secret = tmp_path / "secret"
    secret.write_text("e2c569be")
    secret.chmod(0o666)
    done = run(
        sandbox,
        "import os\n"
        f"p = {str(secret)!r}\n"
        "acts = [lambda: open(p).read(), lambda: open(p, 'w'), lambda: os.unlink(p),\n"
        "        lambda: os.truncate(p, 0), lambda: os.chmod(p, 0), lambda: os.rename(p, 'mine'),\n"
        "        lambda: os.link(p, 'hard'), lambda: os.listdir(os.path.dirname(p)),\n"
        "        lambda: open(os.path.dirname(p) + '/new', 'w'),\n"
        "        lambda: open('/etc/passwd').read(),\n"
        "        lambda: os.utime(p), lambda: os.mkdir(os.path.dirname(p) + '/folder')]\n"
        "for act in acts:\n"
        "    try: print('did', act())\n"
        "    except OSError: print('refused')\n",
    )
    assert done.stdout.split() == [b"refused"] * 12
    assert secret.read_text() == "e2c569be"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secret"]


def test_the_environment_is_not_the_users(sandbox: WalledSandbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KERNELGEPA_PROBE_KEY", "b1946ac9")
    done = run(sandbox, "import os, json; print(json.dumps(dict(os.environ)))")
    assert b"b1946ac9" not in done.stdout
    assert "KERNELGEPA_PROBE_KEY" not in json.loads(done.stdout)


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("while True: pass", "timeout"),
        ("import time; time.sleep(60)", "timeout"),
        ("x = bytearray(8 << 30)", "nonzero"),
        ("x = [b'y' * (1 << 20) for _ in iter(int, 1)]", "nonzero"),
        ("while True: print('x' * 1000)", "output_limit"),
        ("import os\nwhile True: os.write(2, b'x' * 1000)", "output_limit"),
        ("open('big', 'wb').write(bytes(16 << 20))", "nonzero"),
        (
            "for n in range(1000000): open(f'f{n}', 'wb').write(bytes(1 << 20))",
            "output_limit",
        ),
        ("import os; os.abort()", "nonzero"),
    ],
)
def test_misbehaviour_ends_in_time_as_an_outcome(sandbox: WalledSandbox, script: str, status: str):
    started = time.monotonic()
    done = run(sandbox, script)
    seen = "nonzero" if done.status == "out_of_memory" else done.status
    assert seen == status, done
    assert time.monotonic() - started < LIMITS.wall_seconds + 5
    assert len(done.stdout) <= LIMITS.output_bytes
    assert len(done.stderr) <= LIMITS.output_bytes


def test_everything_a_job_started_has_ended_with_it(sandbox: WalledSandbox):
    done = run(
        sandbox,
        "import os, signal, time\n"
        "out, into = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "    if os.fork() == 0:\n"
        "        os.write(into, str(os.getpid()).encode()); time.sleep(60)\n"
        "    os._exit(0)\n"
        "print(os.read(out, 20).decode())\n",
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 3
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done.status == "ok"
    assert not Path(f"/proc/{pid}").exists()


def test_a_fork_bomb_is_bounded(sandbox: WalledSandbox):
    done = run(
        sandbox,
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    while made < 100000:\n"
        "        if os.fork() == 0: time.sleep(30); os._exit(0)\n"
        "        made += 1\n"
        "except OSError: pass\n"
        "print(made)\n",
    )
    assert done.status == "ok"
    assert 0 < int(done.stdout) < 5000


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        ("os.symlink('/etc/passwd', 'result')", "a link"),
        ("open('real', 'w').write('x'); os.symlink('real', 'result')", "a link"),
        ("open('real', 'w').write('x'); os.link('real', 'result')", "a file with 2 names"),
        ("os.mkfifo('result')", "not written"),
        ("os.mkdir('result')", "not a regular file"),
        ("open('result', 'wb').write(bytes(2000))", "2000 bytes, at most 1000 are taken"),
        ("f = open('result', 'wb'); f.truncate(3 << 20)", "3145728 bytes, at most 1000 are taken"),
        ("os.mkdir('d'); os.symlink('..', 'd/result')", "not written"),
        ("open('result', 'w').write('x'); os.chmod('result', 0)", ""),
    ],
)
def test_planted_results_are_not_taken(sandbox: WalledSandbox, plant: str, reason: str):
    script = f"import os\ntry:\n    {plant}\nexcept OSError as e: print('refused', e)\n"
    done = run(sandbox, script, collect={"result": 1000})
    if reason:
        assert done.files == {}
        assert done.refused == {"result": reason}
    else:
        assert done.files == {"result": b"x"}


def test_a_result_behind_a_planted_folder_link_is_not_taken(sandbox: WalledSandbox):
    script = "import os\nos.symlink('/etc', 'deep')\n"
    done = run(sandbox, script, collect={"deep/hostname": 1000, "../x": 10, "/etc/hostname": 10})
    assert done.files == {}
    assert set(done.refused) == {"deep/hostname", "../x", "/etc/hostname"}


def test_a_program_that_does_not_exist_is_our_own_failure(sandbox: WalledSandbox):
    with pytest.raises(InfrastructureError, match="no-such-program"):
        sandbox.run(SandboxJob(argv=("/usr/bin/no-such-program",)))
    with pytest.raises(InfrastructureError, match="relative"):
        sandbox.run(SandboxJob(argv=("/bin/true",), files={"../x": b""}))


def test_guarantees_are_measured_by_jobs_that_try(sandbox: WalledSandbox):
    assert set(sandbox.guarantees()) == set(GUARANTEES)
    if landlock_abi() >= 6 and os.uname().machine in ("x86_64", "aarch64"):
        assert all(sandbox.guarantees().values())
        assert sandbox.missing() == ""
    else:
        assert sandbox.missing()


def landlock_abi() -> int:
    code = "import landlock; print(landlock.abi())"
    folder = content("sandbox") / "harness"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    return int(done.stdout)


def unconfined(job: SandboxJob) -> SandboxOutcome:
    """Runs a job with nothing but a limit on memory, so that the probe harms nobody."""
    shell = ("/bin/sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*shell, sys.executable, *job.argv[1:]],
            input=job.stdin,
            capture_output=True,
            check=False,
            cwd=folder,
        )
    return SandboxOutcome("ok", done.returncode, done.stdout, done.stderr, {}, {}, 0.0)


def test_a_job_that_is_not_confined_at_all_is_measured_as_such(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KERNELGEPA_PROBE_KEY", "b1946ac9")
    found = measure(unconfined)
    assert not any(found[name] for name in ("filesystem", "network", "processes", "environment"))


OLD_KERNEL = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import old_kernel
old_kernel.without(old_kernel.LANDLOCK_CREATE_RULESET)
from kernelgepa.sandbox.local import LandlockWall
from kernelgepa.sandbox.walled import WalledSandbox
sandbox = WalledSandbox(LandlockWall())
print(json.dumps([dict(sandbox.guarantees()), sandbox.missing()]))
"""


def test_on_a_kernel_without_landlock_the_missing_guarantees_are_named():
    path = [str(Path(__file__).parent), *(p for p in sys.path if p)]
    done = subprocess.run(
        [sys.executable, "-c", OLD_KERNEL, json.dumps(path)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    guarantees, sentence = json.loads(done.stdout)
    assert not guarantees["filesystem"]
    assert guarantees["network"]
    assert guarantees["memory"]
    assert guarantees["syscalls"]
    assert "read or write your files" in sentence
    assert "Landlock" in sentence
