"""The Landlock sandbox: what a job gets, what it cannot do, and what is measured of that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
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


def test_a_result_is_taken_whatever_its_mode(sandbox: WalledSandbox):
    script = "import os\nos.umask(0o377)\nopen('result', 'w').write('x')\n"
    assert run(sandbox, script, collect={"result": 1000}).files == {"result": b"x"}


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


CROWD = """
import sys
from pathlib import Path
from kernelgepa.protocols import Limits, SandboxJob
from kernelgepa.sandbox import backends, harness
from kernelgepa.sandbox.walled import WalledSandbox
python = Path(sys.executable).resolve()
script = "import os, time\\n[os.fork() or time.sleep(9) for _ in range(40)]; time.sleep(0.5)"
job = SandboxJob(
    (str(python), "-I", "-S", "-c", script), readable=(python, *harness.interpreter_paths()),
    limits=Limits(wall_seconds=20, processes=16),
)
with WalledSandbox(backends()["landlock"]()) as sandbox:
    print(sandbox.run(job).status)
"""


def test_processes_are_counted_where_the_kernel_counts_none():
    """Those of root without its capabilities, as in a container; or a user's, beside others."""
    as_in_a_container = ("setpriv", "--bounding-set=-all,+chown,+kill,+setgid,+setuid")
    prefix = as_in_a_container if os.geteuid() == 0 else ()
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", CROWD], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() in ("out_of_memory", "nonzero"), done.stderr
