"""`GET /api/v1/analytics/{view}`: the views of the analysts' pages, over HTTP.

One door for a fixed list of views (`views`), asked in one form (`asking`) and read as an analyst
of the key's tenant would read them (`answering`).
"""

from typing import Final

PATH: Final = "/api/v1/analytics"
