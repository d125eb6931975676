"""`doctor`: every part looked at once, at the same time, within seconds; of what is wrong it says
since when, if that is known, and which command mends it. A part a file; it only reads."""

from processors.commands.doctor.examine import as_json, examine, render
from processors.commands.doctor.finding import Finding, Service

__all__ = ["Finding", "Service", "as_json", "examine", "render"]
