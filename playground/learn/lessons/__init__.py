"""The lessons, a file each: a file that makes a `Lesson` is one, and nothing else has to know of it."""
