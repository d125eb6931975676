"""Google Analytics 4: the Measurement Protocol."""
