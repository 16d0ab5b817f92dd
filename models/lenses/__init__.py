"""Pure functions from models and Traces to findings."""
