"""Model folders in the Hugging Face GPT-2 layout, in and out; every fault of a folder is one sentence.

What lies in a folder: model_files.py. What config.json says of a GPT: formats/gpt2_config.py. What other programs leave
in one file instead: formats/checkpoints.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from models import model_files
from models.baselines import gru
from models.baselines.gru import GRU, GRUConfig
from models.errors import UserError
from models.formats import (
    checkpoints,
    digests,
    families,
    gpt2_config,
    gpt2_names,
    others,
    places,
    tensor_names,
    tokenizer_files,
    whole_folders,
)
from models.formats.families import Family
from models.formats.files import check_local, shown
from models.gpt import GPT, GPTConfig, weight_shapes
from models.model_files import LM_HEAD, WEIGHTS, Beside, Contents
from models.ops import NUMPY, Array
from models.run_layout import RunFolder
from models.tokenizers import Tokenizer
from models.unknown import listed

PRETRAINED = Path(__file__).parent / "pretrained"
PREFIX = "transformer."  # what GPT2LMHeadModel puts before all names but lm_head.weight
HUB = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?", re.ASCII)  # how models are called where many are kept
GPT2_SIZES = (50257, 50304)  # of GPT-2's vocabulary, as it is and as nanoGPT rounds it
USUAL = "GPT-2"  # the family of most models here
LARGE = 1 << 30  # bytes of a model that takes a while to read
ROUNDING = 0.005  # of a number up to 1 stored as bfloat16


def available() -> list[str]:
    """The names of the bundled models."""
    return sorted(path.parent.name for path in PRETRAINED.glob("*/config.json"))


def load(name_or_folder: str | os.PathLike[str], dtype: str = "float32") -> GPT:
    """A bundled model by its name, or the model in a folder or a checkpoint; its numbers as "float32" or "float64".

    Nothing in a folder is run, and memory stays within a small multiple of the files' sizes. A name of a bundled
    model wins over a folder called the same; write ./name for the folder. Raises UserError in one sentence for
    anything that is missing, damaged or not handled.
    """
    model = load_any(name_or_folder, dtype)
    if isinstance(model, GRU):
        what = f"{shown(folder(name_or_folder))} holds a GRU, a recurrent baseline with no attention to look into"
        raise UserError(what, "give a GPT here, or use playground generate and compare, which take any model")
    return model


def load_any(name_or_folder: str | os.PathLike[str], dtype: str = "float32") -> GPT | GRU:
    """The same, for a place where any model will do: a GRU is one as well."""

    def read(where: Path) -> GPT | GRU:
        if file := _checkpoint(where):
            return _load_checkpoint(file, dtype)
        found = _read_config(where)
        model = GRU.load(where, dtype) if gru.is_gru(found) else _load_gpt(where, found, dtype)
        digests.check_small(where)  # after the faults that say more
        return model

    try:
        return whole_folders.undisturbed(folder(name_or_folder), read)
    except MemoryError:  # others have taken some of it
        what = f"the memory of this machine is not enough for {shown(str(name_or_folder))}"
        raise UserError(what, "close other programs, or choose a smaller model") from None


def config_of(where: Path) -> GPTConfig | GRUConfig:
    """The sizes and choices of the model that `folder` found, without its weights; UserError as of `load_any`."""
    if file := _checkpoint(where):
        read = checkpoints.read(file)
        return _built(read.settings, read.header.what)
    found, what = _read_config(where), shown(where / model_files.CONFIG)
    if family := families.of(found):
        return family.config(found, what)
    return gru.config_of(found, what) if gru.is_gru(found) else _config(found, what)


def stated(name_or_folder: str | os.PathLike[str]) -> str:
    """How much memory a large model needs, for whoever is about to read it; "" for any other, and for none."""
    with suppress(UserError):  # which reading it will raise
        where = folder(name_or_folder)
        file = _checkpoint(where)
        need = model_files.memory([checkpoints.read(file).header] if file else model_files.headers(where))
        large = LARGE <= need <= model_files.machine()  # one that is larger still is refused with the same words
        return f"{shown(name_of(where))} {model_files.of_memory(need)}" if large else ""
    return ""


def is_checkpoint(where: Path) -> bool:
    """Whether what `folder` found is the file of another program's, or has nothing but one in it."""
    return _checkpoint(where) is not None


def name_of(where: Path) -> str:
    """What the model that `folder` found is called."""
    file = _checkpoint(where)
    return places.name(file) if file else model_files.name_of(where)


def tokenizer_at(where: Path) -> Tokenizer | None:
    """The tokenizer of the model that `folder` found, without its weights; UserError for one that cannot be read."""
    file = _checkpoint(where)
    place = places.of_tokenizer(file, checkpoints.read(file).data_set) if file else where
    return Tokenizer.load(place) if tokenizer_files.find(place) else None


def save(
    model: GPT | GRU,
    folder: str | os.PathLike[str],
    dtype: str = "float32",
    card: str = "",
    beside: Iterable[Beside] = (),
    new: bool = False,
) -> None:
    """Write the model's folder as a whole, its weights stored as "float16", "float32" or "float64".

    transformers computes the same from a GPT's, also for what GPT-2 does not have: absent positions and biases become
    zeros, sinusoidal positions a table; a model of another family has that family's layout. A model built `without` a
    part, or with another attention, is no GPT-2: its config.json says so, and transformers refuses it. `card` is the
    text of README.md, `beside` are baselines.

    Replaces an earlier model folder, unless it is to be a `new` one; other files in it stay. Raises UserError if the
    folder is something else, or cannot be written; then nothing changed.
    """
    if isinstance(model, GRU):
        model.save(folder, dtype, card, beside, new)
        return
    assert {name: np.shape(weight) for name, weight in model.weights.items()} == weight_shapes(model.config)
    assert model.tokenizer is None or model_files.fit(model.tokenizer, model.config.vocab_size)
    family = families.holding(model.config)
    assert family or gpt2_config.holds(model.config), "no format has such a model"
    weights = _gpt2_weights(model) if family is None else _kin_weights(model, family)
    config = gpt2_config.write(asdict(model.config)) if family is None else family.write(model.config)
    contents = Contents(weights, model.tokenizer, dict(model.training))
    model_files.write(folder, config, contents, dtype, card or _card(model), beside, new)


def family_of(model: GPT) -> str:
    """What people call models of its kind: "Llama", or as most here are."""
    family = families.holding(model.config)
    return family.title if family else USUAL


def folder(name_or_folder: str | os.PathLike[str]) -> Path:
    """Where the model is: the folder of a bundled one, the given one, or the one in it; or a checkpoint's file.

    That in a run's folder, in a folder with nothing but a trainer's checkpoint, in a cache of models: see
    formats/places.py. Raises UserError if there is none, or more than one.
    """
    if isinstance(name_or_folder, str) and name_or_folder in available():
        return PRETRAINED / name_or_folder
    check_local(name_or_folder)
    path = Path(name_or_folder)
    of_run = os.path.lexists(RunFolder(path).about) and not os.path.lexists(path / model_files.CONFIG)
    if of_run:
        path = RunFolder(path).model
    stands = whole_folders.stands(path)
    others.check(path)
    if stands:
        return places.inside(path)
    if found := places.of_file(path):
        others.check(found)
        return found
    if os.path.lexists(path):
        raise UserError(f"{shown(path)} is not a folder", f"give the folder with config.json and {WEIGHTS} in it")
    if of_run:
        raise UserError(f"{shown(path.parent)} has no model yet", "wait until its run measures one, or go on with it")
    raise _nowhere(str(name_or_folder))


def _nowhere(given: str) -> UserError:
    """What to say of a model that is not here: one named as on a hub is not fetched, and how it can be."""
    do = f"give a folder or a bundled model: {', '.join(available()) or 'none'}"
    if not HUB.fullmatch(given) or os.path.isdir(os.path.dirname(given)):
        return UserError(f"there is no model '{shown(given)}'", do)
    fetch = f"or give the folder that this command names: hf download {given}"
    return UserError(f"there is no model '{shown(given)}' here, and nothing is downloaded", f"{do}; {fetch}")


def tokenizer_of(model: GPT | GRU) -> Tokenizer:
    """What turns text into its tokens; UserError if its folder has none."""
    if model.tokenizer is not None:
        return model.tokenizer
    do = "put the one it was trained with into its folder"
    if families.holding(model.config):
        do += (
            "; of a tokenizer.model transformers makes one: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(...)"
        )
    if model.training.get(checkpoints.WRITER):  # which keeps no tokenizer, but with its data
        gpt2 = model.vocab_size in GPT2_SIZES
        do = "put GPT-2's vocab.json and merges.txt" if gpt2 else "put the meta.pkl of its data, or a tokenizer.json,"
        do += " beside it"
    raise UserError(f"{model.name} has no tokenizer.json", do)


def _read_config(where: Path) -> dict[str, Any]:
    """What a config.json says, unless it is that of a model that no format here holds."""
    found = model_files.read_config(where)
    others.check_config(found, shown(where / model_files.CONFIG))
    return found


def _load_gpt(where: Path, found: dict[str, Any], dtype: str) -> GPT:
    assert dtype in ("float32", "float64")
    family = families.of(found)
    if family is not None:
        return _load_kin(where, family, found, dtype)
    config = _config(found, shown(where / model_files.CONFIG))
    shapes = weight_shapes(_as_gpt2(config))
    copy = {LM_HEAD: shapes["wte.weight"]} if config.tied else {}
    contents = model_files.read(where, shapes, copy, dtype, gpt2_names.own)
    weights = _own_weights(contents.weights, config, shown(where / WEIGHTS))
    if gpt2_config.scales_by_layer(found):
        weights |= _asking_less(weights, config)
    return _of_folder(where, config, weights, contents, gpt2_config.notes(found))


def _checkpoint(where: Path) -> Path | None:
    """The file that holds a model by itself; None where the place is a model folder."""
    return None if model_files.has_weights(where) else checkpoints.find(where)


def _load_checkpoint(file: Path, dtype: str) -> GPT:
    """The GPT in a file of PyTorch's, and the tokenizer that lies beside it or with its data."""
    found = checkpoints.read(file)
    what = found.header.what
    config = _built(found.settings, what)
    shapes = weight_shapes(config)
    copy = {LM_HEAD: shapes["wte.weight"]} if config.tied else {}
    weights = model_files.read_weights(file, found.header, shapes, copy, dtype, gpt2_names.own, found.sizes)
    _untie(weights, config, what)
    tokenizer = model_files.tokenizer_in(places.of_tokenizer(file, found.data_set), config.vocab_size)
    said = _said(found.notes, file.name, tuple(found.header.entries))
    own = {name: weights[name] for name in shapes}
    return GPT(config, own, tokenizer, places.name(file), {**found.training, **found.notes}, said)


def _load_kin(where: Path, family: Family, found: dict[str, Any], dtype: str) -> GPT:
    """A model of another family than GPT-2: its tensors, and our weights made of them."""
    config, notes = family.config_and_notes(found, shown(where / model_files.CONFIG))
    stored = family.stored(config)
    shapes = {name: shape for each in stored.values() for name, shape in each.tensors.items()}
    copy = {LM_HEAD: shapes["wte.weight"]} if config.tied else {}
    contents = model_files.read(where, shapes, copy, dtype, family.own_name)
    _untie(contents.weights, config, shown(where / WEIGHTS))
    weights = {name: each.gathered(contents.weights) for name, each in stored.items()}
    return _of_folder(where, config, weights, contents, notes)


def _of_folder(
    where: Path, config: GPTConfig, weights: dict[str, Array], contents: Contents, notes: dict[str, Any]
) -> GPT:
    """The model of a folder, with what its config.json says beside."""
    said = _said(notes, model_files.CONFIG, contents.passed_over)
    training = contents.training | ({model_files.CONFIG: notes} if notes else {})
    return GPT(config, weights, contents.tokenizer, model_files.name_of(where), training, said)


def _config(found: dict[str, Any], what: str) -> GPTConfig:
    families.check_known(found, what)
    return _built(gpt2_config.read(found, what), what)


def _built(settings: Mapping[str, Any], what: str) -> GPTConfig:
    try:
        return GPTConfig(**settings)
    except UserError as error:
        raise error.at(what) from None


def _said(notes: Mapping[str, Any], file: str, tensors: Iterable[str]) -> tuple[str, ...]:
    """What a person should know of what was passed over."""
    said = []
    if notes:
        said.append(
            f"{shown(file)} also says {listed([shown(name, 40) for name in notes])}: kept, and without effect here"
        )
    if heads := tensor_names.heads(tensors):
        said.append(f"left out, for other tasks than writing: {listed(heads)}")
    return tuple(said)


def _as_gpt2(config: GPTConfig) -> GPTConfig:
    """The GPT-2 that computes the same, with a table of positions and all biases; itself where there is none."""
    return config if config.is_own else replace(config, positions="learned", bias=True)


def _own_weights(weights: dict[str, Array], config: GPTConfig, what: str) -> dict[str, Array]:
    """Leave out what stands in for something the model does not have, once it is certain that it does."""
    _untie(weights, config, what)
    own = weight_shapes(config)
    for name, shape in weight_shapes(_as_gpt2(config)).items():
        if name in own:
            continue
        stand_in = _stand_in(name, shape, config)
        if not np.allclose(weights[name], stand_in, rtol=0, atol=ROUNDING if stand_in.any() else 0):
            setting = f"positions = {config.positions}" if name == "wpe.weight" else "bias = false"
            raise UserError(f"{what}: {name} does not fit {setting} in config.json", "take that line out to use it")
    return {name: weights[name] for name in own}


def _untie(weights: dict[str, Array], config: GPTConfig, what: str) -> None:
    """Leave out the unembedding that is only the embedding again; UserError if it is another."""
    copy = weights.pop(LM_HEAD, None) if config.tied else None
    if copy is not None and not np.array_equal(copy, weights["wte.weight"]):
        raise UserError(f"{what}: {LM_HEAD} differs from wte.weight, but its settings tie them", "check both")


def _asking_less(weights: Mapping[str, Array], config: GPTConfig) -> dict[str, Array]:
    """What makes the queries of layer l those of a GPT-2 divided by l + 1, and so its scores: the same patterns."""
    found: dict[str, Array] = {}
    for layer, kind in product(range(config.n_layer), ("weight", "bias")):
        name = f"h.{layer}.attn.c_attn.{kind}"
        if name in weights:
            found[name] = weights[name].copy()
            found[name][..., : config.n_embd] /= layer + 1
    return found


def _stand_in(name: str, shape: tuple[int, ...], config: GPTConfig) -> Array:
    """What makes GPT-2 compute the same as a model without that weight."""
    if name == "wpe.weight" and config.positions == "sinusoidal":
        return NUMPY.sinusoids(np.arange(shape[0]), shape[1], np.zeros((), np.float64))
    return np.zeros(shape)


def _gpt2_weights(model: GPT) -> dict[str, Array]:
    """The weights as GPT2LMHeadModel names them, with what stands in for parts the model does not have."""
    weights: dict[str, Array] = {}
    for name, shape in weight_shapes(_as_gpt2(model.config)).items():
        own = model.weights.get(name)
        full_name = name if name == LM_HEAD else PREFIX + name
        weights[full_name] = _stand_in(name, shape, model.config) if own is None else own
    return weights


def _kin_weights(model: GPT, family: Family) -> dict[str, Array]:
    """The weights as transformers names those of the family."""
    stored = family.stored(model.config).items()
    found = [tensor for name, each in stored for tensor in each.scattered(model.weights[name]).items()]
    return {family.full_name(name): tensor for name, tensor in found}


def _card(model: GPT) -> str:
    settings = gpt2_config.usual_left_out(asdict(model.config))
    settings |= {"positions": model.config.positions, "without": ", ".join(model.config.without) or "nothing"}
    kind = f"A {family_of(model)} in the Hugging Face layout."
    if families.holding(model.config) is None and model.config.is_own:
        kind = "A GPT of this program's own, built without parts of GPT-2."
        kind = kind if model.config.without else "A GPT of this program's own, which attends otherwise than GPT-2."
    return model_files.card(model.name, kind, settings, model.n_parameters, model.training)
