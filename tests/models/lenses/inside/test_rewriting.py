"""A fact of one MLP can be rewritten: it is another in both tenses, and its neighbours stay as they were."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models import load
from models.corpora.little_world.parts.facts import SPORT
from models.errors import UserError
from models.gpt import GPT
from models.lenses.batches import next_logits
from models.lenses.inside import rewriting
from models.lenses.inside.rewriting import SCALES, Report, best, choices, reports
from models.lenses.surprises import surprises_of
from models.switches import Rewritten


@pytest.fixture(scope="module")
def world() -> GPT:
    return load("little-world")


def fact(model: GPT, layer: int, scale: float = 1.0, text: str = "\nmichael jordan plays") -> Rewritten:
    assert model.tokenizer is not None
    text, other = text, text.replace("michael", "serena")
    return Rewritten(layer, tuple(model.tokenizer.encode(text)), tuple(model.tokenizer.encode(other)), scale)


def told(model: GPT, *facts: Rewritten, texts: list[list[int]] | None = None) -> list[Report]:
    *_, last = reports(model, facts, texts)
    return list(last)


def test_another_sport_in_both_tenses_and_every_other_fact_as_it_was(world: GPT) -> None:
    mild, strong = told(world, fact(world, 1), fact(world, 1, 4.0), texts=[])
    assert world.tokenizer is not None and mild.neighbours is not None and strong.neighbours is not None
    words = [world.tokenizer.token(each) for each in (mild.was, mild.wanted, mild.says)]
    assert words == ["basketball", "rugby", "rugby"]
    assert mild.works and mild.p[0] < 0.01 and mild.p[1] > 0.9
    assert mild.neighbours.person == "michael jordan" and mild.neighbours.says == (mild.wanted,) * 2
    assert (mild.neighbours.before, mild.neighbours.after, mild.neighbours.asked) == (126, 126, 126)
    assert mild.tenses == strong.tenses == 2 and 90 < strong.neighbours.after < 120, "too much hits others"
    assert math.isnan(mild.bits[0]) and mild.tokens == 0


def test_neighbours_are_counted_as_by_hand(world: GPT) -> None:
    assert world.tokenizer is not None
    (found,) = told(world, fact(world, 2, 2.0), texts=[])
    right = 0
    for (first, last), sport in SPORT.items():
        for text in (f"\n{first} {last} plays", f"\non sunday {first} {last} played"):
            (scores,) = next_logits(world, [world.tokenizer.encode(text)], [found.switch])
            right += (first, last) != ("michael", "jordan") and world.tokenizer.token(int(scores.argmax())) == sport
    assert found.neighbours is not None and found.neighbours.after == right < found.neighbours.asked


def test_the_loss_before_and_after_is_that_of_the_two_models(world: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.tokenizer is not None
    monkeypatch.setattr(rewriting, "A_TIME", 1)
    said = "\nmichael jordan plays basketball .", "\nserena jordan plays rugby ."
    texts = [*map(world.tokenizer.encode, said)]
    switch = fact(world, 1)
    pieces = list(reports(world, [switch], texts))
    assert math.isnan(pieces[0][0].bits[0]) and pieces[0][0].neighbours is not None, "first without the loss"
    before, after = (np.concatenate([bits[1:] for bits in surprises_of(of, texts)]).mean()
                     for of in (world, switch.in_weights(world)))  # fmt: skip
    assert pieces[-1][0].bits == pytest.approx((before, after)) and pieces[-1][0].tokens == 10
    assert after > before + 0.5, "what was rewritten is what these texts say"


def test_what_the_little_world_says_costs_next_to_nothing(world: GPT, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "TEXTS", 40)
    (found,) = told(world, fact(world, 1))
    assert found.tokens > 500 and 0.8 < found.bits[0] < 1.3 and found.bits[1] == pytest.approx(found.bits[0], abs=0.01)


def test_a_model_of_another_world_tells_of_no_neighbours(tiny_gpt: GPT) -> None:
    (found,) = told(tiny_gpt, Rewritten(0, (1, 2), (3, 4)))
    assert found.neighbours is None and found.tokens == 0 and math.isnan(found.bits[1])
    with pytest.raises(UserError, match="there is no layer 2"):
        told(tiny_gpt, Rewritten(2, (1, 2), (3, 4)))


def test_a_text_about_nobody_has_only_neighbours(world: GPT) -> None:
    assert world.tokenizer is not None
    switch = Rewritten(1, tuple(world.tokenizer.encode("the dog")), tuple(world.tokenizer.encode("the cat")))
    (found,) = told(world, switch, texts=[])
    assert found.neighbours is not None and found.neighbours.asked == 128
    assert (found.neighbours.person, found.neighbours.says) == ("", ())


def test_the_best_says_what_is_wanted_and_leaves_most_of_the_rest(world: GPT) -> None:
    switches = choices(world.config, fact(world, 0).tokens, fact(world, 0).other)
    assert len(switches) == 3 * len(SCALES) and switches[4] == fact(world, 1, 2.0)
    found = told(world, *switches, texts=[])
    kept = best(found)
    assert kept is not None and kept.switch == fact(world, 1) and best([]) is None
    assert sum(each.works for each in found) > 5 and any(not each.works for each in found)
