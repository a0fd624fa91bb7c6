"""The command line. Exit codes: 0 done or correct, 1 not correct, 2 bad input, 3 our failure."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from kernelgepa import __version__
from kernelgepa.cli.bench import bench
from kernelgepa.cli.demo import demo
from kernelgepa.cli.doctor import doctor
from kernelgepa.cli.evaluate import evaluate
from kernelgepa.cli.export import export, verify
from kernelgepa.cli.manual import manual
from kernelgepa.cli.optimize import optimize, resume
from kernelgepa.cli.redteam import redteam
from kernelgepa.cli.report import report
from kernelgepa.cli.run import show_run
from kernelgepa.cli.tasks import tasks
from kernelgepa.errors import InfrastructureError, InputError

SHOWN = 80  # characters of a path
_UNUSABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EROFS}
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="kernelgepa")
@click.pass_context
def root(context: click.Context) -> None:
    """Give it a kernel and a budget; it returns correct, faster kernels, with the evidence.

    TASK is a bundled task (kernelgepa tasks list), a task folder, a C++ file with an NPUEval-style
    header comment, FILE.jsonl#kernel_name, kernelbench:PATH#L1/19, or a Python file with Model and
    get_inputs. Cycles of the simulated NPU are modelled; times of modules are measured.

    \b
    kernelgepa demo                          two bundled kernels, about a minute
    kernelgepa optimize relu_i8              one bundled task
    kernelgepa optimize my_kernel.cc         a kernel of your own
    kernelgepa evaluate relu_i8 kernel.cc    is this kernel correct, and how fast?
    kernelgepa COMMAND --help                all options, with examples
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    optimize, resume, bench, show_run, report, export, verify, evaluate, tasks, manual, doctor,
    demo, redteam,
):  # fmt: skip
    root.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else arguments
    try:
        # Not root.main(): it would end a broken pipe with the code that says "not correct".
        with root.make_context("kernelgepa", list(words)) as context:
            code = root.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.exceptions.Abort:
        _stop("interrupted", 130)
    except click.ClickException as error:
        _stop(f"error: {_sentence(error)}", 2)
    except InputError as error:
        _stop(f"error: {' '.join(str(error).split())}", 2)
    except InfrastructureError as error:
        lines = [f"internal error: {str(error).strip()}", *_notes(error)]
        _stop("\n".join([*lines, "`kernelgepa doctor` checks the parts."]), 3)
    except BrokenPipeError:
        _drop_output()
        sys.exit(141)  # as the shell has it for SIGPIPE; 1 would say "not correct"
    except OSError as error:
        if _is_of_a_path_among(words, error):
            said = f"{_short(str(error.filename))}: {error.strerror}"
            _stop(f"error: cannot use {said}; expected a path that can be read or made", 2)
        _drop_output()
        _stop("\n".join([f"internal error: {error}", *_notes(error)]), 3)
    except KeyboardInterrupt as ended:
        _stop("; ".join(("interrupted", *_notes(ended))), 130)
    sys.exit(code if isinstance(code, int) else 0)


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def _is_of_a_path_among(words: Sequence[str], error: OSError) -> bool:
    """Whether a path that the user named, or one below it, cannot be used for what it is."""
    if error.errno not in _UNUSABLE or not isinstance(error.filename, str):
        return False
    found = Path(error.filename).absolute()
    named = (part for word in words for part in re.split(r"[#=]|^kernelbench:", word) if part)
    return any(found.is_relative_to(Path(part).absolute()) for part in named)


def _short(name: str) -> str:
    return name if len(name) <= SHOWN else f"{name[: SHOWN // 2]}…{name[-SHOWN // 2 :]}"


def _drop_output() -> None:
    """Output that cannot be written must not be tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(text: str, code: int) -> None:
    print(text, file=sys.stderr)
    sys.exit(code)


def _sentence(error: click.ClickException) -> str:
    """What click found wrong, on one line, with the command whose help says more."""
    text = " ".join(error.format_message().split()).removeprefix("Invalid value for ")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text.rstrip('.')} (`{context.command_path} --help` says more)" if context else text
