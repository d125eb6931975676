"""Platforms to send to when there are no credentials: real HTTP servers that enforce the vendors'
published rules and answer in the vendors' own shapes.

`python -m deploy.simulators meta --port 9001 --state meta.jsonl`. Under `/_sim/` each tells what
it accepted and takes a script of troubles. They share no code with the connectors that they test.
"""
