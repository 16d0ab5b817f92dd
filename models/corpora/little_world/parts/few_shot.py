"""Few-shot lists: a few examples say what is asked, though the question is never put."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import LISTS

TASKS = {
    "capital": ("land", "a land and its capital"),
    "language": ("land", "a land and its language"),
    "dish": ("land", "a land and its food"),
    "female": ("man", "a man's role and a woman's"),
    "male": ("woman", "a woman's role and a man's"),
    "place": ("man", "a role and its place"),
    "thing": ("man", "a role and its thing"),
    "plural": ("animal", "one animal and several"),
    "it": ("animal", "an animal and what it does"),
    "they": ("animal", "an animal and what several do"),
}
UNTESTED = {
    "land": ("japan", "greece"),
    "man": ("king", "actor"),
    "woman": ("queen", "actress"),
    "animal": ("dog", "owl"),
}

PART = Part(
    name="few-shot",
    share=12,
    shows="a few examples are enough to say what is asked (in-context learning)",
    meanings=("a list of pairs", "each pair is {question.gist}"),
    rules="""
text
  [question:question] <pair> ; <pair> ; <pair> ; <pair> ; <pair> .
pair
  {item:question.domain-told^question.untested} [told=told item] : {item.$question}
""",
    lists={"question": list(TASKS)},
    relations={
        "domain": {task: tuple(LISTS[domain]) for task, (domain, _) in TASKS.items()},
        "gist": {task: gist for task, (_, gist) in TASKS.items()},
        "untested": {task: UNTESTED[domain] for task, (domain, _) in TASKS.items()},
    },
)
