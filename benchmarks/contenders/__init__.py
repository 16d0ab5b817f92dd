"""The programs that are timed, each in a process of its own that answers one request a line.

A contender is a module here with `JOBS`, functions by name. A job takes a model's size and numbers, and returns
wall-clock and processor nanoseconds, one each a step: the time of starting, warming up and checking is not in them.
"""
