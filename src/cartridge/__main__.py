"""`python -m cartridge`."""

from cartridge.cli import main

main()
