"""Uploads: a file of up to a million rows, each row an order of the log, in bounded memory.

The body goes to an unnamed file on disk first, so that a batch can be named by its content, a
slow client holds nothing up, and a broken connection has done nothing yet. Then rows are read,
checked and produced in groups; a report of the batch goes to commands.v1 before the first and
after the last. Rows have ids of content and a place in their batch, so the same upload sent again
changes nothing.
"""

from processors.gateway.uploads.uploading import Uploads

__all__ = ["Uploads"]
