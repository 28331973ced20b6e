"""What the command's exit code means. Scripts rely on these numbers: they do not change."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The documented exit codes."""

    OK = 0  # it worked
    DEFECT = 1  # a defect of Geobuk; the traceback is in the log
    MISTAKE = 2  # usage, settings, files, names: something the person can mend
    QUARANTINED = 3  # `data check` found series that must not be used
    LOOK_AHEAD = 4  # `strategy check` caught sight of the future
    ENVIRONMENT = 5  # `doctor` found something missing
    NOT_PASSED = 6  # `gates`: at least one is not passed
    BLOCKED = 7  # `venue check`: trading at the venue is blocked
    INTERRUPTED = 130  # Ctrl-C
