"""Lessons that end in an act: each asks for a prediction, has one thing done on a real screen, and measures."""
