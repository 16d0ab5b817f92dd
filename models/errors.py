"""The one exception for what a person can cause and mend, and the sentence for a place that is not there."""

from __future__ import annotations


class UserError(ValueError):
    """Bad input: what is wrong, what to do about it, and where. Its sentence is made from these, never the reverse.

    `setting` is the name of the setting that is to blame, as the code has it, and the sentence begins with it: `what`
    is then what goes after. A front end that has another name for the setting puts it into `called`. `where` is the
    file or place it was found in. The command line prints the sentence and leaves with status 2; the app shows it as a
    notice and loses nothing.
    """

    def __init__(self, what: str, do: str = "", *, setting: str = "", where: str = "") -> None:
        super().__init__(what, do)
        self.what, self.do, self.setting, self.where = what, do, setting, where
        self.called = setting

    def __str__(self) -> str:
        return f"{self.fault} - {self.do}" if self.do else self.fault

    @property
    def fault(self) -> str:
        """What is wrong and where, without what to do about it."""
        what = f"{self.called} {self.what}" if self.called else self.what
        return f"{self.where}: {what}" if self.where else what

    def at(self, where: str) -> UserError:
        """The same, found in that file or place."""
        return UserError(self.what, self.do, setting=self.setting, where=": ".join(filter(None, (where, self.where))))


def check_index(what: str, index: int, count: int, of: str = "") -> None:
    """UserError unless the model has this `what` among its `count`, numbered from 0; `of` says who asks for it."""
    if not 0 <= index < count:
        raise UserError(f"there is no {what} {index}", f"this model has 0 to {count - 1}", where=of)
