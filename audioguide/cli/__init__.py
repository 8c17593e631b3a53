"""The command line: one module a command, loaded when it is called for."""

from audioguide.cli.main import main

__all__ = ["main"]
