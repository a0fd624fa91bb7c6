"""The command `kernelgepa`, and `python -m kernelgepa`."""

import sys


def main() -> None:
    """Runs the command line. Interrupted before it has begun, it says so like later."""
    try:
        from kernelgepa.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
