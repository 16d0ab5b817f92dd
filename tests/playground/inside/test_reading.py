"""What is read to see what fires a neuron: fresh texts, each cut to the context, once a model."""

from __future__ import annotations

import numpy as np

from models.lenses.inside.neurons import firing
from playground.inside.reading import Library, texts_to_read
from playground.inside.scene import Subject
from playground.looking.held_out import ABOVE
from tests.playground.inside.inside_scenes import little_world, scene
from tests.playground.inside.test_panes import small
from tests.playground.looking.scenes import CORPUS


def subject(words: str, of: object = None) -> Subject:
    found = scene(words, of=of).subject  # type: ignore[arg-type]  # a model, or none
    assert found is not None
    return found


def test_of_the_little_world_fresh_texts_are_read_each_no_longer_than_the_context() -> None:
    model = little_world()
    found = texts_to_read(model, None, [1, 2])
    assert found.says == "fresh texts of the little world" and len(found.texts) == 63
    assert {len(text) for text in found.texts} == {96} == {model.config.block_size}
    assert model.tokenizer is not None and {int(text[0]) for text in found.texts} == {model.tokenizer.ids["\n"]}


def test_a_library_serves_its_model_and_where_only_what_is_typed_is_read_that_text() -> None:
    of = subject("michael jordan plays")
    library = Library(of)
    assert library.serves(subject("anna was in the")) and not library.serves(subject(CORPUS[:9], small()))
    typed = subject(CORPUS[:9], small())
    alone = Library(typed)
    assert alone.says == ABOVE and alone.serves(typed)
    assert not alone.serves(Subject(typed.model, subject(CORPUS[:5], typed.model).results))


def test_what_fires_a_neuron_is_found_once() -> None:
    of = subject(CORPUS[:9], small())
    library = Library(of)
    *_, found = library.firing(1, 3)
    (again,) = library.firing(1, 3)
    assert again is found
    *_, anew = firing(of.model, [np.asarray(of.now.tokens)], 1, 3)
    np.testing.assert_array_equal(anew.activations[0], found.activations[0])
