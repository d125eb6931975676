"""`make seed SIZE=...`: a database of any size, as the processors would have left it.

A life is a person's touches and orders over some weeks. Some hundred lives are made by chance and
credited by the real kernel; a shop's people live them again from other days on, which changes ids
and dates and nothing else. So rows of credit, cells and journeys agree to the unit with the touches
and orders beside them, and the rows cost what COPY costs. What lies after the last day is cut off,
which changes nothing before it. THE LOG stays empty: `conserve` and `rebuild` have nothing to say
of such a database.
"""
