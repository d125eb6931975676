"""What the local stack raises when a person has to act; the message says what to do."""


class LocalStackError(Exception):
    """Something on this machine is in the way; `str()` is meant for a terminal."""


class MissingProgram(LocalStackError):
    """A program is not installed and could not be installed from here."""


class StartFailed(LocalStackError):
    """A service did not become ready; carries its name and the end of its log."""

    def __init__(self, name: str, *, reason: str, log_tail: str, advice: str) -> None:
        self.name = name
        self.log_tail = log_tail
        self.advice = advice
        indented = "\n".join(f"    {line}" for line in log_tail.splitlines())
        super().__init__(f"{name} {reason}\n{indented}\n{advice}")
