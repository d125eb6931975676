"""The pixel's own rules, run by Node; where the gateway has the same rule, it is the judge."""
