"""A file's bytes as text. UTF-8 unless a byte order mark or zero bytes say UTF-16 or UTF-32;
what is no UTF-8 is read as Windows-1252, byte by byte, so that a file pasted together from two
encodings reads right. Which bytes arrive together makes no difference."""

import codecs
import io
from typing import BinaryIO, Final

from processors.engine.files.rows import Unreadable

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "compressed"),
    (b"PAR1", "Parquet"),
    (b"%PDF", "a PDF"),
)
_HEAD: Final = 64


def _windows(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    raw = error.object[error.start : error.end]
    try:
        return raw.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return raw.decode("latin-1"), error.end


codecs.register_error("attributary.windows", _windows)


def opened(file: BinaryIO) -> io.TextIOWrapper:
    """The text of a seekable file, line ends as they are.

    Raises:
        Unreadable: for a spreadsheet, an archive and the like.
    """
    head = file.read(_HEAD)
    file.seek(0)
    for mark, kind in _NOT_TEXT:
        if head.startswith(mark):
            raise Unreadable(1, f"the file is {kind}, not text: export it as CSV or JSON")
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if encoding is None and b"\0" in head[:4]:
        encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    errors = "replace" if encoding and "8" not in encoding else "attributary.windows"
    return io.TextIOWrapper(file, encoding=encoding or "utf-8", errors=errors, newline="")
