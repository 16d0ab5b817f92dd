"""Memories: the neurons of the MLPs, what makes each fire, what it writes, and what is lost without it.

Geva et al. 2020, "Transformer Feed-Forward Layers Are Key-Value Memories": a neuron's input weights are a key, which
says when it fires, and its output weights a value, which it adds to the stream as often as it fires; read as the last
layer is read, that value is a list of words (Geva et al. 2022).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from models import gpt
from models.errors import UserError, check_index
from models.gpt import GPT, NoPast
from models.lenses.batches import batches
from models.lenses.inside.attribution import per_activation, reading, same, unembedding
from models.lenses.inside.norms import centred, spread
from models.measures import effect, ranked
from models.ops import Array, idle, quiet
from models.passes import coming
from models.switches import NeuronOff
from models.switches.edits import Watch, acting, edited
from models.tracing import BlockTrace, Trace, prefix

By = Literal["adds", "activation", "effect"]
BY: tuple[By, ...] = ("adds", "activation", "effect")  # what neurons can be ranked by
STEP = 16  # neurons switched off before it is said what that did
WORK = 6e8  # tokens read before it is said what fired, times the model's parameters
ENDING = 4  # tokens: places whose last ones are the same are one


@dataclass(frozen=True, eq=False, slots=True)
class Neurons:
    """What the neurons of some layers do to the score of a token after a row; N of them, layer by layer.

    What was not measured yet is NaN, and -1.
    """

    row: int
    token: int
    p: float  # of the token
    places: Array  # N 2, int: layer and neuron
    activation: Array  # N
    adds: Array  # N, float64: to the token's score, through the final norm as it scales this row; 0 if that is cut off
    off_bits: Array  # N, bits of KL from the answer as it is to that with the neuron off
    off_lost: Array  # N, what the token's score loses with the neuron off
    off_top: Array  # N, int: the likeliest token with the neuron off

    def __len__(self) -> int:
        """N."""
        return len(self.places)

    def at(self, layer: int, neuron: int) -> int:
        """Which of the N that neuron is."""
        return int(np.flatnonzero((self.places == (layer, neuron)).all(-1))[0])

    def ranked(self, by: By, n: int) -> Sequence[int]:
        """The n that do most, the most first: by the size of what they add, by activation, or by measured effect."""
        sizes = {"adds": np.abs(self.adds), "activation": self.activation, "effect": self.off_bits}[by]
        return [int(at) for at in ranked(np.nan_to_num(sizes, nan=-np.inf), n)]


def neurons(trace: Trace, row: int, token: int | None = None, layers: Sequence[int] | None = None) -> Neurons:
    """Every neuron of the layers (of all, if none are named) after a row, for the score of a token, if none the answer.

    Nothing is switched off yet: see `measured`. UserError for a row, a token or a layer that there is not, and for a
    model without MLPs.
    """
    model = trace.tape.model
    check_index("row", row, len(trace))
    if not model.config.has("mlp"):
        raise UserError(f"{model.name} was built without MLPs: it has no neurons", "look at a model that has some")
    shown = range(model.config.n_layer) if layers is None else layers
    for layer in shown:
        check_index("layer", layer, model.config.n_layer)
    before = prefix(trace, row + 1)
    scores = before.logits[-1].astype(np.float64)
    token = int(scores.argmax()) if token is None else token
    check_index("token", token, model.config.vocab_size)
    reads = reading(before, row, token)
    by_layer = [_last_acts(block) for block in before.blocks]
    carried = _carried(before, by_layer)
    acts = np.concatenate([by_layer[layer] for layer in shown]).astype(np.float64)
    with quiet():
        per = [per_activation(before.blocks[layer], reads) * carried[layer] for layer in shown]
        p = float(np.exp(scores[token] - np.logaddexp.reduce(scores)))
    places = [(layer, neuron) for layer in shown for neuron in range(model.config.mlp_width)]
    unknown = np.full(len(places), np.nan)
    none = np.full(len(places), -1)
    return Neurons(row, token, p, np.array(places), acts, acts * np.concatenate(per), unknown, unknown, none)


def measured(trace: Trace, found: Neurons, which: Sequence[int]) -> Iterator[Neurons]:
    """The same with these neurons switched off in turn, exactly: as it comes, in the order given."""
    before = prefix(trace, found.row + 1)
    intact = before.logits[-1]
    for start in range(0, len(which), STEP):
        some = which[start : start + STEP]
        changes = [(NeuronOff(*map(int, found.places[at])),) for at in some]
        for numbers, scores in coming(before, changes):
            bits, lost, top = found.off_bits.copy(), found.off_lost.copy(), found.off_top.copy()
            for number, row in zip(numbers, scores[:, -1], strict=True):
                at, did = some[number], effect(intact, row)
                bits[at], top[at] = did.kl, did.now
                lost[at] = float(intact[found.token]) - float(row[found.token])
            found = replace(found, off_bits=bits, off_lost=lost, off_top=top)
            yield found


def writes(trace: Trace, row: int, places: Array) -> Array:
    """What an activation of one of each neuron (N 2: layer and neuron) adds to all scores after a row: (N V)."""
    before, rows = prefix(trace, row + 1), unembedding(trace.tape.model)
    values = np.stack([_values(before.blocks[layer])[neuron] for layer, neuron in places])
    gain = _gain(before)
    with quiet():
        handed_on = values if gain is None else centred(before.tape.model.config, values) * gain
        return handed_on.astype(rows.dtype) @ rows.T


def _gain(trace: Trace) -> Array | None:
    """What the final norm stretches the stream at the last token by: (C,) float64; None where there is no norm."""
    config = trace.tape.model.config
    if not config.has("norm") or acting(trace.switches, config, "ln_final", None):
        return None
    stream = trace.blocks[-1].resid_post[-1].astype(np.float64)
    with quiet():
        gain: Array = trace.tape.model.weights["ln_f.weight"] / spread(config, stream)
    return gain


def _values(block: BlockTrace) -> Array:
    """What each neuron of a layer writes: (F C)."""
    return block.trace.tape.model.weights[f"h.{block.layer}.mlp.c_proj.weight"]


def _last_acts(block: BlockTrace) -> Array:
    """What the neurons of a layer hand on at the last token: (F)."""
    model, of, watch = block.trace.tape.model, block.trace, Watch("mlp_act")
    reads = model.config.mlp_reads
    x = block.value(reads)[-1:]
    with quiet():
        gpt.mlp(model, block.layer, x, edited(model, of.switches, len(of), watch, seen={reads: x}))
    acts: Array = watch.kept["mlp_act", block.layer][0]
    return acts


def _carried(trace: Trace, acts: Sequence[Array]) -> list[bool]:
    """By layer, whether what its neurons write at the last token is in the stream when the final norm reads it.

    It is not where a switch puts something else in its place, or the stream does not carry it on.
    """
    found, on = list[bool](), True
    for block in reversed(trace.blocks):
        with quiet():
            own = acts[block.layer] @ _values(block)
        bias = trace.tape.model.weights.get(f"h.{block.layer}.mlp.c_proj.bias")
        own = own if bias is None else own + bias
        out, before, end = block.mlp_out[-1], block.resid_mid[-1], block.resid_post[-1]
        adds = same([before, out], end)
        found.append(on and same([own], out) and (adds or same([out], end)))
        on = on and adds and same([block.resid_pre[-1], block.attn_out[-1]], before)
    return found[::-1]


# what makes a neuron fire --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Firing:
    """How one neuron fires over texts, as far as they were read."""

    texts: tuple[Array, ...]  # of each the tokens, T
    activations: tuple[Array, ...]  # of each, T

    @property
    def most(self) -> float:
        """Its largest activation."""
        return max((float(each.max()) for each in self.activations), default=0.0)

    @property
    def words(self) -> int:
        """How many tokens were read."""
        return sum(len(text) for text in self.texts)

    @property
    def often(self) -> float:
        """The share of the tokens at which it fires at least half as strongly as it ever does; 0 if it never does."""
        half, most = self.most / 2, self.most
        fired = sum(int((each >= half).sum()) for each in self.activations)
        return fired / self.words if most > 0 else 0.0

    def strongest(self, n: int) -> Sequence[tuple[int, int]]:
        """The n places where it fires most, each as a text and a position in it, the most first.

        Places before which the same few tokens stand are one.
        """
        if not self.texts:
            return []
        starts = np.cumsum([0, *map(len, self.texts)])
        found = dict[tuple[int, ...], tuple[int, int]]()
        for place in np.argsort(-np.concatenate(self.activations), kind="stable"):
            text = int(np.searchsorted(starts, place, "right")) - 1
            position = int(place - starts[text])
            ending = tuple(self.texts[text][max(position + 1 - ENDING, 0) : position + 1].tolist())
            found.setdefault(ending, (text, position))
            if len(found) == n:
                break
        return list(found.values())


def firing(model: GPT, texts: Sequence[Array], layer: int, neuron: int) -> Iterator[Firing]:
    """How a neuron of the model as trained fires over texts (T tokens each), cut to the context: as it comes.

    A pass over each goes no further than the layer.
    """
    found = Firing((), ())
    longest = min(max(map(len, texts), default=1), model.config.block_size)
    few = max(int(WORK / model.n_parameters / longest), 1)
    for start in range(0, len(texts), few):
        for _, tokens in batches(model, texts[start : start + few]):
            acts = _activations(model, tokens, layer)[..., neuron]
            found = Firing((*found.texts, *tokens), (*found.activations, *acts))
            yield found


def _activations(model: GPT, tokens: Array, layer: int) -> Array:
    """What the neurons of a layer hand on, over texts of one length (B T): (B T F)."""
    watch = Watch("mlp_act")
    with quiet():
        x, visible = gpt.embedded(model, tokens, 0)
        for each in range(layer + 1):
            x = gpt.block(model, each, x, visible, NoPast(), watch if each == layer else idle)
    acts: Array = watch.kept["mlp_act", layer]
    return acts
