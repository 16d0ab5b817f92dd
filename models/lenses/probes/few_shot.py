"""Few-shot: three examples say what is asked of a word that was never in a list."""

from collections.abc import Collection, Iterator, Sequence
from random import Random

from models.corpora.little_world.parts.few_shot import TASKS, UNTESTED
from models.corpora.little_world.words import LISTS, RELATIONS
from models.lenses.probes.base import CaseProbe

EXAMPLES = 3


class FewShot(CaseProbe):
    """The question is never put, only shown."""

    slug = "few-shot"
    title = "few-shot lists"
    asks = (
        "france : paris ; italy : rome ; spain : madrid ; japan : ... - asked by example, of a word in no list before"
    )
    part = "few-shot"

    def texts(self, seed: int) -> Iterator[Sequence[str]]:
        """Three pairs that training could have made, then one it could not."""
        random = Random(seed)
        while True:
            question = random.choice(list(TASKS))
            domain = TASKS[question][0]
            usual = [item for item in LISTS[domain] if item not in UNTESTED[domain]]
            items = [*random.sample(usual, EXAMPLES), random.choice(UNTESTED[domain])]
            yield [word for item in items for word in (";", item, ":", str(RELATIONS[question][item]))][1:]

    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """After the fourth colon: every answer to any question of this kind."""
        if said[:at].count(":") != EXAMPLES + 1 or said[at - 1] != ":":
            return ()
        domain = next(domain for domain in UNTESTED if said[at - 2] in LISTS[domain])
        questions = [question for question in TASKS if TASKS[question][0] == domain]
        return {str(RELATIONS[question][item]) for question in questions for item in LISTS[domain]}

    def kind(self, said: Sequence[str], at: int) -> str:
        """The question."""
        answer = {str(RELATIONS[question].get(said[at - 2])): question for question in TASKS}
        return answer[said[at]]
