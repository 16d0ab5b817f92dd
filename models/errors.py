"""The one exception for what a person can cause and mend, and how what it quotes is made safe and short."""

from __future__ import annotations

import re

LONGEST = 390  # characters of a sentence: what a screen and a terminal have room for
LONGEST_DO = 260  # of that, what to do
LONGEST_WORD = 110  # of what has no blank in it: a name, a number, a path
LONG_WORD = re.compile(rf"[^ ]{{{LONGEST_WORD + 1},}}")


def printable(text: str) -> str:
    """What cannot be printed, written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def cut(text: str, limit: int) -> str:
    """The text without its middle where it is longer than so many characters."""
    return text if len(text) <= limit else f"{text[: limit // 2 - 1]}…{text[-limit // 2 :]}"


class UserError(ValueError):
    """Bad input: what is wrong, what to do about it, and where. Its sentence is made from these, never the reverse.

    `setting` is the name of the setting that is to blame, as the code has it, and the sentence begins with it: `what`
    is then what goes after. A front end that has another name for the setting puts it into `called`. `where` is the
    file or place it was found in. The command line prints the sentence and leaves with status 2; the app shows it as a
    notice and loses nothing.

    It may quote what it was given as it is: no control character gets into the sentence, nor more than some words.
    """

    def __init__(self, what: str, do: str = "", *, setting: str = "", where: str = "") -> None:
        super().__init__(what, do)
        self.what, self.do, self.setting, self.where = what, do, setting, where
        self.called = setting

    def __str__(self) -> str:
        if not self.do:
            return self.fault
        do = _short(self.do, LONGEST_DO)
        return f"{cut(self.fault, LONGEST - len(do) - 3)} - {do}"

    @property
    def fault(self) -> str:
        """What is wrong and where, without what to do about it."""
        what = f"{self.called} {self.what}" if self.called else self.what
        return _short(f"{self.where}: {what}" if self.where else what, LONGEST)

    def at(self, where: str) -> UserError:
        """The same, found in that file or place."""
        return UserError(self.what, self.do, setting=self.setting, where=": ".join(filter(None, (where, self.where))))


def _short(text: str, limit: int) -> str:
    return cut(LONG_WORD.sub(lambda word: cut(word[0], LONGEST_WORD), printable(text)), limit)


def check_index(what: str, index: int, count: int, of: str = "") -> None:
    """UserError unless the model has this `what` among its `count`, numbered from 0; `of` says who asks for it."""
    if not 0 <= index < count:
        raise UserError(f"there is no {what} {index}", f"this model has 0 to {count - 1}", where=of)
