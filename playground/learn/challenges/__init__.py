"""The challenges, a file each: a file that makes a `Challenge` is one, and nothing else has to know of it."""
