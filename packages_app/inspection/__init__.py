"""Reading what a package's files say of themselves, in a process of its own.

Nothing here imports Django: `python -m packages_app.inspection` is started for each inspection with limits
on memory and time, since a file that somebody uploaded may be made to harm whoever parses it.
"""
