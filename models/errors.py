"""The root of every error that a user can cause or mend.

A `WakefulError` carries one line that says what is wrong, where, and what to do. The command line
prints that line and exits with `exit_code`; nothing else of ours is ever shown without a traceback.
"""


class WakefulError(Exception):
    """Something that the user can mend; its text is one whole line for them."""

    exit_code = 1


class UsageError(WakefulError):
    """The command, a flag or the configuration is wrong: nothing was started."""

    exit_code = 2
