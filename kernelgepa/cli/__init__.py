"""The command line. Exit codes: 0 done or correct, 1 not correct, 2 bad input, 3 our failure."""

from __future__ import annotations

import sys

import click

from kernelgepa import __version__
from kernelgepa.cli.demo import demo
from kernelgepa.cli.doctor import doctor
from kernelgepa.cli.evaluate import evaluate
from kernelgepa.cli.optimize import optimize
from kernelgepa.cli.tasks import tasks
from kernelgepa.errors import InfrastructureError, InputError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kernelgepa")
def root() -> None:
    """Give it a kernel and a budget; it returns correct, faster kernels, with the evidence.

    TASK is a bundled task (kernelgepa tasks list), a task folder, a C++ file with an NPUEval-style
    header comment, or FILE.jsonl#kernel_name. Cycles of the simulated NPU are modelled.
    """


for _command in (optimize, evaluate, tasks, doctor, demo):
    root.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and exits."""
    try:
        code = root.main(arguments, prog_name="kernelgepa", standalone_mode=False)
    except click.exceptions.Abort:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except InfrastructureError as error:
        print(f"internal error: {error}\n`kernelgepa doctor` checks the parts.", file=sys.stderr)
        sys.exit(3)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
