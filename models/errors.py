"""The one exception for what a person can cause and mend, and the sentence for a place that is not there."""


class UserError(ValueError):
    """Bad input, said in one sentence: what is wrong, where, and what to do.

    The command line prints it and leaves with status 2; the app shows it as a notice and loses nothing.
    """


def check_index(what: str, index: int, count: int, of: str = "") -> None:
    """UserError unless the model has this `what` among its `count`, numbered from 0; `of` says who asks for it."""
    if not 0 <= index < count:
        raise UserError(f"{of and of + ': '}there is no {what} {index} - this model has 0 to {count - 1}")
