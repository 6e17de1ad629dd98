#!/usr/bin/env python
"""Django's command line."""

import sys

try:
    from config.command_line import main
except ModuleNotFoundError as error:
    sys.exit(
        f"This Python ({sys.executable}) has no module {error.name}. "
        "Call .venv/bin/python manage.py; `make serve` makes .venv where it is missing."
    )

if __name__ == "__main__":
    main(sys.argv)
