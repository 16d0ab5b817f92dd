"""config.json of Hugging Face's GPT-2: what is handled, both ways; what would change the numbers is refused by name.

A setting that nobody here knows is refused where its name has a word of the arithmetic in it; any other is a note.

A model built without a part of GPT-2, or with another attention, has a config.json of our own: in what it differs, how
wide its heads are where that is no share of the stream, and the GPT-2 it would be.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, NoReturn

from models.errors import UserError
from models.formats import records
from models.formats.files import shown, shown_value
from models.gpt_config import KIN, GPTConfig
from models.parts import Activation, Positions

# the sizes of a GPTConfig, Hugging Face's names for them, and the most that is read
SIZES = {
    "vocab_size": ("vocab_size", 10_000_000), "block_size": ("n_positions", 1 << 20), "n_layer": ("n_layer", 1024),
    "n_head": ("n_head", 1024), "n_embd": ("n_embd", 1 << 16),
}  # fmt: skip
# what Hugging Face calls the settings of a GPTConfig that it has by another name
NAMES = {ours: theirs for ours, (theirs, _) in SIZES.items()} | {
    "activation": "activation_function", "eps": "layer_norm_epsilon", "tied": "tie_word_embeddings",
}  # fmt: skip
ACTIVATIONS: dict[str, Activation] = {
    "gelu_new": "gelu_new", "gelu_pytorch_tanh": "gelu_new", "gelu": "gelu", "relu": "relu", "linear": "none",
}  # fmt: skip
OTHER_NAMES = {  # what other programs call them
    "n_embd": ("hidden_size",), "n_layer": ("num_hidden_layers",), "n_head": ("num_attention_heads",),
    "n_positions": ("n_ctx", "max_position_embeddings"),
}  # fmt: skip
MAX_INNER = 1 << 18
# settings that change what is computed, and the values (the first is the default) that mean what is computed here
FIXED: dict[str, tuple[object, ...]] = {
    "model_type": ("gpt2",), "scale_attn_weights": (True,), "n_special": (0, None),
    "scale_attn_by_inverse_layer_idx": (False, True),  # see scales_by_layer
    "reorder_and_upcast_attn": (False, True),  # the same arithmetic in another order
    "add_cross_attention": (False, None), "cross_attention_hidden_size": (None,),
    "is_encoder_decoder": (False, None), "is_decoder": (False, True, None), "pruned_heads": (None, {}),
    "quantization_config": (None,), "auto_map": (None,), "tie_encoder_decoder": (False, None),
    "chunk_size_feed_forward": (0, None), "torchscript": (False, None), "use_bfloat16": (False, None),
    "without": (None,), "windows": (None,), "linear": (None,),  # ours, where they stand by themselves: see `write`
}  # fmt: skip
# settings that change nothing in a forward pass: training, generation, heads for other tasks, book-keeping
HARMLESS = {
    "architectures", "transformers_version", "torch_dtype", "dtype", "tokenizer_class", "task_specific_params",
    "initializer_range", "resid_pdrop", "embd_pdrop", "attn_pdrop", "gradient_checkpointing", "use_cache",
    "output_attentions", "output_hidden_states", "return_dict", "return_dict_in_generate", "output_scores",
    "remove_invalid_values", "finetuning_task", "prefix", "bos_token_id", "eos_token_id", "pad_token_id",
    "sep_token_id", "unk_token_id", "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id",
    "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty",
    "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
    "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "exponential_decay_length_penalty",
    "suppress_tokens", "begin_suppress_tokens", "id2label", "label2id", "num_labels", "problem_type", "summary_type",
    "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout",
}  # fmt: skip
OWN_TYPE = "transformer_playground"
OWN_SIZES = {"head_dim": 1 << 16}  # that a GPT-2 does not have, and the most that is read
# in what such a model differs from GPT-2, and what each of these must do; GPTConfig says what else is wrong with it
OWN: dict[str, tuple[type, str]] = {
    "without": (str, "list the parts left out of GPT-2"),
    "windows": (int, "list how many positions each layer sees"),
    "linear": (bool, "be true, or be left out"),
}
UNUSUAL = {each.name: each.default for each in fields(GPTConfig) if each.name in (*KIN, "windows", "linear")}
# how a word begins that is of what is computed, and words that are
ARITHMETIC = (
    "activ", "adapter", "alibi", "attention", "attn", "bias", "causal", "dim", "emb", "epsilon", "expert",
    "feed", "ffn", "gat", "glu", "head", "hidden", "inner", "intermediate", "layer", "lora", "mask", "mixer", "mlp",
    "moe", "multiplier", "norm", "parallel", "position", "quant", "quer", "recur", "residual", "rms", "rope", "rotary",
    "router", "scal", "shared", "sliding", "softcap", "softmax", "sparse", "swiglu", "vocab", "window",
)  # fmt: skip
ARITHMETIC_WORDS = {"act", "cap", "conv", "eps", "ff", "kv", "n", "qk", "tie", "tied"}
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE]-?[0-9]{1,3})?")  # as text


@dataclass(frozen=True, slots=True)
class _Choices:
    """The settings that are no sizes; of `positions` and `bias` only we know."""

    positions: Positions = "learned"
    activation_function: Literal["gelu_new", "gelu_pytorch_tanh", "gelu", "relu", "linear"] = "gelu_new"
    tie_word_embeddings: bool = True
    bias: bool = True
    layer_norm_epsilon: Any = 1e-5  # checked in `_read_gpt2`


KNOWN = {
    "n_inner", *NAMES.values(), *(each.name for each in fields(_Choices)), *FIXED, *HARMLESS,
    *(other for others in OTHER_NAMES.values() for other in others),
}  # fmt: skip


def read(found: dict[str, Any], what: str) -> dict[str, Any]:
    """The settings of a GPTConfig that a parsed config.json gives.

    Raises UserError naming `what`, the file, and the first setting that is out of range or not handled.
    """
    if found.get("model_type") != OWN_TYPE:
        return _read_gpt2(found, what)
    unknown = next((name for name in found if name not in ("model_type", "gpt2", *OWN, *OWN_SIZES)), None)
    if unknown is not None:
        refuse(what, unknown, found[unknown])
    named = [name for name in OWN if name in found] or ["without"]
    own, gpt2 = {name: _own(found, name, what) for name in named}, found.get("gpt2")
    if not isinstance(gpt2, dict):
        raise UserError(f"{what}: gpt2 is {shown_value(gpt2, 40)}", "it must hold the settings of a GPT-2")
    sizes = {name: size(found, name, most, what) for name, most in OWN_SIZES.items() if name in found}
    return _read_gpt2({"model_type": "gpt2"} | gpt2, what) | sizes | own


def _own(found: Mapping[str, Any], name: str, what: str) -> Any:
    """One of the settings by which a model is none of GPT-2's: true, or a list with something in it."""
    (kind, must), value = OWN[name], found.get(name)
    if kind is bool and value is True:
        return True
    if kind is bool or not isinstance(value, list) or not value or not all(type(each) is kind for each in value):
        raise UserError(f"{what}: {name} is {shown_value(value, 40)}", f"it must {must}")
    return tuple(value)


def _read_gpt2(found: dict[str, Any], what: str) -> dict[str, Any]:
    for name, values in FIXED.items():
        value = found.get(name, None if name == "model_type" else values[0])
        if not any(type(value) is type(each) and value == each for each in values):
            refuse(what, name, value)
    sizes = {ours: size(found, theirs, most, what) for ours, (theirs, most) in SIZES.items()}
    _check_other_names(found, sizes, what)
    inner = None if found.get("n_inner") is None else size(found, "n_inner", MAX_INNER, what)
    unknown(found, KNOWN, what)
    given = {each.name: found[each.name] for each in fields(_Choices) if each.name in found}
    chosen = records.read(_Choices, given, what)
    eps = number(chosen.layer_norm_epsilon)
    if type(eps) is not float or not 0 < eps < 1:
        raise UserError(f"{what}: layer_norm_epsilon is {shown_value(eps, 40)}", "it must be between 0 and 1")
    own = {theirs: ours for ours, theirs in NAMES.items()}
    choices = {own.get(each.name, each.name): getattr(chosen, each.name) for each in fields(_Choices)}
    choices |= {"n_inner": None if inner == 4 * sizes["n_embd"] else inner}  # None stands for that
    return sizes | choices | {"eps": eps, "activation": ACTIVATIONS[chosen.activation_function]}


def write(settings: Mapping[str, Any]) -> dict[str, Any]:
    """config.json for a model with these settings of a GPTConfig.

    transformers knows learned positions and biases only; where the model has none, `positions` and `bias` say so
    here and the weights hold a table, or zeros, that make transformers compute the same. It cannot compute a model
    `without` parts, or with another attention: there all this stands one level down, where transformers finds none of
    it and refuses the folder, even when it is told that it is a GPT-2.
    """
    activations = {ours: theirs for theirs, ours in reversed(ACTIVATIONS.items())}
    own = {**usual_left_out(settings), "activation": activations[settings["activation"]]}
    gpt2 = {  # every setting, so that one that is not known when it is read back is refused, not lost
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        **{NAMES.get(ours, ours): value for ours, value in own.items()},
        "dtype": "float32",  # what to compute in, whatever the weights are stored as
        **dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.0),
        **dict.fromkeys(("bos_token_id", "eos_token_id"), None),
    }
    differs = {name: value for name in OWN if (value := gpt2.pop(name, None))}
    if not differs:
        return gpt2
    del gpt2["model_type"], gpt2["architectures"]  # by which transformers would find it one level down
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in differs.items()}
    sizes = {name: gpt2.pop(name) for name in OWN_SIZES if name in gpt2}
    return {"model_type": OWN_TYPE, **plain, **sizes, "gpt2": gpt2}


def holds(config: GPTConfig) -> bool:
    """Whether a config.json that is no other family's brings it back."""
    try:
        return GPTConfig(**read(write(asdict(config)), "")) == config
    except (UserError, KeyError):  # KeyError: an activation that is none of GPT-2's
        return False


def usual_left_out(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a GPTConfig, without the choices that GPT-2 does not have and it does not make."""
    return {name: value for name, value in settings.items() if name not in UNUSUAL or value != UNUSUAL[name]}


def refuse(what: str, name: str, value: object, title: str = "GPT-2") -> NoReturn:
    """UserError naming `what`, the file, and a setting that is not handled for models called `title`."""
    raise UserError(f"{what}: {shown(name)} = {shown_value(value, 40)} is not handled", f"use a plain {title}")


def size(found: Mapping[str, Any], name: str, most: int, what: str) -> int:
    """A size that a parsed config.json gives, from 1 to `most`; UserError naming `what`, the file, if it does not."""
    given = [found[each] for each in (name, *OTHER_NAMES.get(name, ())) if each in found] or [None]
    value = number(given[0])
    if type(value) is not int or not 1 <= value <= most:
        fault = f"{what}: {name} is {shown_value(given[0], 40)}"
        raise UserError(fault, f"it must be a whole number from 1 to {most:,}")
    return value


def scales_by_layer(found: Mapping[str, Any]) -> bool:
    """Whether layer l of the model of a parsed config.json divides its scores by l + 1 as well."""
    return found.get("scale_attn_by_inverse_layer_idx") is True


def notes(found: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a parsed config.json that change nothing, and that nobody here knows."""
    inner = found.get("gpt2", found)
    return {name: value for name, value in inner.items() if name not in KNOWN and not name.startswith("_")}


def unknown(found: Mapping[str, Any], known: Collection[str], what: str, title: str = "GPT-2") -> dict[str, Any]:
    """The settings that are not known; UserError as in `refuse` for one that may be of the arithmetic."""
    others = {name: value for name, value in found.items() if name not in known and not str(name).startswith("_")}
    for name, value in others.items():
        words = re.findall("[a-z]+", str(name).lower())
        if not words or any(word in ARITHMETIC_WORDS or word.startswith(ARITHMETIC) for word in words):
            refuse(what, name, value, title)
    return others


def _check_other_names(found: Mapping[str, Any], sizes: Mapping[str, int], what: str) -> None:
    """That a size that is there under two names is one."""
    for ours, (name, _) in SIZES.items():
        for other in OTHER_NAMES.get(name, ()):
            if other in found and number(found[other]) != sizes[ours]:
                raise UserError(f"{what}: {other} and {name} differ", "give both the same number")


def number(value: Any) -> Any:
    """The number that a text in a config.json is; anything else as it is."""
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        return value
    return int(value) if value.lstrip("-").isdecimal() else float(value)
