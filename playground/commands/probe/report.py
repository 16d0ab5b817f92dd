"""What the probes say of a model: as text, section by section as soon as it is known, or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from models import baselines
from models.baselines import Bigram
from models.contract import LanguageModel
from models.errors import UserError
from models.gpt import GPT
from models.lenses import abilities
from models.lenses.abilities import Ability, ask, dissect, example
from models.lenses.by_part import losses_by_part
from models.lenses.inside.patching import facts_transfer
from models.lenses.logit_lens import shares_right
from models.lenses.looking import by_head, induction, looking_back
from models.lenses.probes import ALL, CaseProbe, Probe
from models.lenses.probes.few_shot import by_examples
from models.lenses.probes.probe import CASES, text_of, words_of
from models.lenses.sweep import contrasts, singles
from models.model_folders import folder, load_any
from models.switches import AttentionOff, HeadOff, MLPOff
from models.tokenizers import Tokenizer
from playground.cells import wrap
from playground.commands import output
from playground.commands.probe import snapshots
from playground.kit import numbers

LARGE = {  # the sweep's large cuts, as headers
    "without positions": "positions",
    "with the mask open": "mask",
    "with linear MLPs": "linear",
    "without MLPs": "no MLP",
    "without attention": "no attn",
}
LOOKS = {  # by head
    "looking_back": "words said again: from what followed a word first, attention to that word, one before",
    "induction": "words said again: from a word, attention to what followed it first",
}
SHORT = {"head-off": "", "attention-off": "attn ", "mlp-off": "MLP "}
WIDEST = 100  # of running text, however wide the terminal

_share = partial(numbers.fixed, digits=2)


def make(args: argparse.Namespace) -> int:
    """Ask what is to be asked, and print it."""
    chosen = _chosen(args.probe)
    if args.snapshots:
        return snapshots.make(args, chosen)
    model = load_any(args.model)
    words = words_of(model)
    bigram = baselines.load(folder(args.model), words).get(Bigram.slug) or abilities.counted(words)
    gpt = model if isinstance(model, GPT) else None
    if args.json:
        output.emit(_facts(args, model, bigram, chosen))
        return 0
    found = _scores(model, bigram, chosen)
    if args.cuts and gpt:
        _cuts(gpt, found)
    if args.examples:
        _examples(model, chosen, args.examples)
    if args.inside and gpt:
        _inside(gpt, chosen)
    _meanings(chosen, words)
    return 0


def _chosen(names: Sequence[str]) -> list[Probe]:
    """The probes asked for, in the list's order; UserError names all there are."""
    known = {kind.slug: kind for kind in ALL}
    for name in names:
        if name not in known:
            raise UserError(f"there is no probe {name!r}", f"there are {', '.join(known)}")
    return [kind() for slug, kind in known.items() if not names or slug in names]


def _scores(model: LanguageModel, bigram: LanguageModel, chosen: Sequence[Probe]) -> list[Ability]:
    """The scores and what they are held against; a model without an inside is not asked for it."""
    asked = []
    heads = ("probe", "", "score", Bigram.slug, "newest", "chance", "cases")
    table = output.Table(heads, (13, 25, -5, -6, -6, -6, -5), _columns())
    for probe in chosen:
        ability = ask(probe, model, bigram)
        found, against = ability.found, ability.bigram
        if found is None:
            table.line(probe.slug, probe.title, *[numbers.ABSENT] * 5)
            continue
        shares = (found.score, against.score if against else None, found.newest, found.chance)
        table.line(probe.slug, probe.title, *map(_share, shares), f"{found.cases:,}")
        asked.append(ability)
    for ability in asked:
        if ability.found and ability.found.parts:
            sizes = ability.found.sizes
            kinds = ", ".join(
                f"{kind} {_share(share)}{f' of {sizes[kind]}' if kind in sizes else ''}"
                for kind, share in ability.found.parts.items()
            )
            _paragraph(f"{ability.probe.slug} by kind: {kinds}", before=True)
    return asked


def _cuts(model: GPT, abilities: Sequence[Ability]) -> None:
    """What each ability needs."""
    number = len(contrasts(model.config) | singles(model.config))
    lasting = max(round(sum(ability.seconds for ability in abilities) * number), 1)
    output.note(f"{number} parts are switched off in turn, about {lasting:,} s; --no-cuts leaves this out")
    output.say("\nthe score with a part switched off")
    widths = (13, 9, 12, *(-len(name) for name in LARGE.values()))
    table = output.Table(("probe", "one head", "later part", *LARGE.values()), widths, _columns())
    for ability in abilities:
        made = dissect(ability, model)
        scores = {cut.name: cut.score for cut in made.cuts}
        table.line(ability.probe.slug, *_alone(made), *(_share(scores.get(name)) for name in LARGE))
    _paragraph(
        "one head: the one (layer.head) whose loss hurts most; later part: the attention (attn) or MLP of a layer "
        "after the first whose loss hurts most; positions: none added; mask: open, so that all look ahead; linear: "
        "MLPs without their nonlinearity. –: nothing to switch.",
        before=True,
    )


def _examples(model: LanguageModel, chosen: Sequence[Probe], count: int) -> None:
    """Some cases and what the model said."""
    for probe in chosen:
        if not isinstance(probe, CaseProbe):
            continue
        output.say(f"\n{probe.slug}: {probe.title}")
        for answer in probe.answers(model, count):
            text = text_of(answer.case, words_of(model))
            said = ", ".join(f"{word} {_share(p)}" for word, p in answer.said)
            right = "" if answer.right else f" - right: {' or '.join(sorted(answer.case.right))}"
            _paragraph(f"{'right' if answer.right else 'wrong'}: {text} … {said}{right}", indent=2)


def _inside(model: GPT, chosen: Sequence[Probe]) -> None:
    """What looks inside the model."""
    for title, headers, widths, rows in _looks_inside(model, chosen):
        _paragraph(title, before=True)
        table = output.Table(headers, widths, _columns())
        for cells in rows:
            table.line(*cells)


def _meanings(chosen: Sequence[Probe], words: Tokenizer) -> None:
    """What each probe asks, and what the columns are."""
    output.say()
    for probe in chosen:
        shown = example(probe, words)
        _paragraph(f"{probe.slug}: {probe.asks}{f'; {shown}' if shown else ''}")
    _paragraph(
        "score: the share of cases whose likeliest word of all is right; bigram: the same for counted pairs of "
        "words; newest: for the rule that says whichever of the words that could be meant was said last; chance: for "
        "a guess among them. A share p of n cases has a standard error of the root of p (1 - p) / n.",
        before=True,
    )


def _paragraph(words: str, indent: int = 0, before: bool = False) -> None:
    """Words over as many lines as they need."""
    wide = max(min(_columns(), WIDEST), 20)
    blank = " " * indent
    lines = wrap(words, wide, indent=blank, after=blank + "  ")
    output.say(("\n" if before else "") + "\n".join(lines))


def _columns() -> int:
    """How wide a line may be."""
    return output.columns() or WIDEST


def _alone(ability: Ability) -> tuple[str, ...]:
    """The head, and the part of a later layer, that matter most by themselves, where any matters."""
    cells = []
    for cut in (ability.single(HeadOff), ability.single(AttentionOff, MLPOff, first=1)):
        if cut is None or not ability.hangs_on(cut):
            cells.append(numbers.ABSENT if cut is None else "none alone")
            continue
        name, _, where = cut.name.partition(":")
        cells.append(f"{SHORT[name]}{where} {_share(cut.score)}")
    return tuple(cells)


def _looks_inside(model: GPT, chosen: Sequence[Probe]) -> Iterator[tuple[str, tuple[str, ...], tuple[int, ...], Any]]:
    """Title, headers, widths and rows of each look inside."""
    told = _inside_facts(model, chosen)
    depths = ("before", *(f"after {layer}" for layer in range(model.config.n_layer)))
    lens = ((slug, *map(_share, shares)) for slug, shares in told["layers"].items())
    yield f"the share of {CASES} right if it stopped after a layer", ("probe", *depths), (13, *[-8] * len(depths)), lens
    if "few_shot" in told:
        rows = ((str(number), _share(share)) for number, share in enumerate(told["few_shot"]))
        yield f"few-shot lists, by how many examples came before each of {CASES}", ("examples", "right"), (13, -6), rows
    for name, title in LOOKS.items():
        if name in told:
            heads = ((head, _share(share)) for head, share in list(told[name].items())[:4])
            yield title, ("head", "share"), (13, -6), heads
    if "facts" in told:
        words = ("line end", "first name", "last name", "plays")
        rows = ((place, *map(_share, shares)) for place, shares in told["facts"].items())
        title = "\"michael jordan plays\": another's sport, once this of the other's pass is put in"
        yield title, ("put in", *words), (13, -8, -10, -9, -6), rows
    headers, widths = ("part", "model", "floor", "above", "error"), (13, -6, -6, -6, -6)
    yield "bits a word on each part of the world; error: the standard error of above", headers, widths, _parts(told)


def _parts(told: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, loss in told["parts"].items():
        bits = (loss["bits"]["value"], loss["floor"]["value"], loss["above"]["value"], loss["above"]["error"])
        yield name, *(numbers.fixed(each, 3) for each in bits)


def _inside_facts(model: GPT, chosen: Sequence[Probe]) -> dict[str, Any]:
    asked = {probe.slug: probe for probe in chosen}
    told: dict[str, Any] = {"layers": {}}
    for slug, probe in asked.items():
        if isinstance(probe, CaseProbe):
            told["layers"][slug] = [float(share) for share in shares_right(model, probe.cases())]
    if "few-shot" in asked:
        told["few_shot"] = list(by_examples(model))
    if "induction" in asked:
        told |= {"looking_back": dict(by_head(looking_back(model))), "induction": dict(by_head(induction(model)))}
    if "facts" in asked:
        moved = facts_transfer(model)
        told["facts"] = {
            f"{site} {layer}": [float(x) for x in shares]
            for site, by_layer in zip(moved.sites, moved.shares, strict=True)
            for layer, shares in enumerate(by_layer)
        }
    told["parts"] = {each.part: asdict(each) for each in losses_by_part(model)}
    return told


def _facts(
    args: argparse.Namespace, model: LanguageModel, bigram: LanguageModel, chosen: Sequence[Probe]
) -> dict[str, Any]:
    probes = [_probe_facts(args, model, bigram, probe) for probe in chosen]
    facts: dict[str, Any] = {"model": model.name, "probes": probes}
    return facts | {"inside": _inside_facts(model, chosen)} if args.inside and isinstance(model, GPT) else facts


def _probe_facts(args: argparse.Namespace, model: LanguageModel, bigram: LanguageModel, probe: Probe) -> dict[str, Any]:
    ability = ask(probe, model, bigram)
    if args.cuts and isinstance(model, GPT) and ability.found:
        ability = dissect(ability, model)
    told = ability.as_dict()
    if args.examples and isinstance(probe, CaseProbe) and ability.found:
        told["examples"] = [
            {"text": text_of(each.case, words_of(model)), "right": sorted(each.case.right), "said": dict(each.said)}
            for each in probe.answers(model, args.examples)
        ]
    return told
