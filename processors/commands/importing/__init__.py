"""`import`: history out of files, through the gateway, into the same log by the same rules.

Rows are read as a stream, made neutral, and posted in batches; ids are of content, so a row that
is sent twice is one. What was taken is noted beside the file, so an import that was cut short
goes on where it stopped; what was refused is in FILE.errors.csv with its line.
"""

from processors.commands.importing.running import Plan, Result, Sender, as_json, checked, run

__all__ = ["Plan", "Result", "Sender", "as_json", "checked", "run"]
