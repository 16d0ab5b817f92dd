"""Pure functions from models and Traces to findings.

Models side by side: `surprises`, `scoreboard`, `versus` (one text, place by place), `context_use`, `paths` (of a
bigram), and `truth`, the little world as a model. Inside one: `logit_lens`, `looking`, `patching`. What a model of the
little world can do: `probes`, the `sweep` that breaks them, `by_part`.
"""
