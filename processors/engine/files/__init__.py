"""Rows of files that people export: any usual encoding and delimiter, JSON in three shapes.

Read as a stream, so memory does not grow with the file; a row that is damaged is told with its
line and takes no other with it.
"""

from processors.engine.files.rows import Row, Unreadable
from processors.engine.files.text import opened

__all__ = ["Row", "Unreadable", "opened"]
