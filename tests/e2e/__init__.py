"""The whole system as its users run it: real servers, a process for every processor, over HTTP."""
