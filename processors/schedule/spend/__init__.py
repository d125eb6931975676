"""Reading what ads cost: every reader of the register, for every tenant that is connected.

The jobs post what vendors tell through the spend door, so it is on THE LOG. Of a range that was
read to its end, a subject that we knew and the vendor no longer names is told to be nothing:
figures that vanish would stand for ever. The newest question has the newest answer, so figures
bear the time before it was asked. Who refuses us, or asks for a pause, is left alone for a while,
and read from where it was left.
"""
