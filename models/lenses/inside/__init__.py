"""What a pass does, part by part: which part said it, what it looked at, and what would have happened without it.

Every function takes a `Trace`, or vectors, and gives arrays, with their shapes in its docstring; each claim about a
cause is an intervention, made by `models.passes`.
"""
