"""The one exception for what a person can cause and mend."""


class UserError(ValueError):
    """Bad input, said in one sentence: what is wrong, where, and what to do.

    The command line prints it and leaves with status 2; the app shows it as a notice and loses nothing.
    """
