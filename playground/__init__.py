"""The terminal application: type a prompt, step a small GPT, see everything, switch parts off."""

__version__ = "0.1.0"
