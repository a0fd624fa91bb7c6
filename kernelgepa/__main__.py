"""`python -m kernelgepa`."""

from kernelgepa.cli import main

main()
