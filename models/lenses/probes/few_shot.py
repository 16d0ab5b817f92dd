"""Few-shot: three examples say what is asked of a word that was never in a list."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from random import Random

import numpy as np

from models.contract import LanguageModel
from models.corpora.little_world.parts.few_shot import TASKS, UNTESTED
from models.corpora.little_world.words import LISTS, RELATIONS
from models.lenses.batches import next_logits
from models.lenses.probes.probe import CASES, SEED, CaseProbe, words_of
from models.switches import Switch

EXAMPLES = 3


class FewShot(CaseProbe):
    """The question is never put, only shown."""

    slug = "few-shot"
    title = "few-shot lists"
    asks = "three examples say what is asked, of a word that was in no such list before"
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


def by_examples(model: LanguageModel, switches: Iterable[Switch] = ()) -> tuple[float, ...]:
    """The share of the same cases answered right after 0, 1, 2 and 3 examples, the last ones of each list.

    Without an example the question can only be guessed: there are two or three to ask of a word.
    """
    words, switches = words_of(model), tuple(switches)
    lists = [[words.ids[word] for word in said] for said in islice(FewShot().texts(SEED), CASES)]
    line_end = words.ids["\n"]
    answers = np.array([text[-1] for text in lists])
    shares = []
    for examples in range(EXAMPLES + 1):
        texts = [[line_end, *text[4 * (EXAMPLES - examples) : -1]] for text in lists]  # a pair is four words
        shares.append(float((next_logits(model, texts, switches).argmax(-1) == answers).mean()))
    return tuple(shares)
