"""What only the card of a model of the digits has: how it draws, how it tells digits apart, and how that was judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.baselines.gru import GRU
from models.corpora import digits
from models.formats import records
from models.gpt import GPT
from models.lenses.drawing import Skill
from models.training.markdown import items, paragraph, table

KEY = "drawing"  # among the facts in training.json
INK = " ░▒█"  # in place of the shades, from paper on


def measured(facts: Mapping[str, Any]) -> list[str]:
    """The sections "What it can do" and "What it draws"."""
    skill, size = records.read(Skill, facts[KEY]), f"{digits.PICTURES.width} x {digits.PICTURES.height}"
    rows = [
        ("drawings that are a picture, just so many pixels and a line end", skill.whole, skill.drawn),
        ("drawings that show the digit asked for", skill.right, skill.drawn),
        ("drawings that are one it learned from, pixel for pixel", skill.copied, skill.drawn),
        (
            "digits it got the upper half of, and drew the rest of so that they are right",
            skill.completed,
            skill.pictures,
        ),
        ("digits it tells, by the label behind which the picture is likeliest", skill.told, skill.pictures),
        ("digits the judge tells", skill.judged, skill.pictures),
    ]
    return [
        "## What it can do",
        paragraph(
            f"A line is a label and the {size} pixels of a digit, row by row, in four shades. Asked for a label, it",
            "draws; given a label and half a picture, it draws the rest; and whoever asks how likely a picture is",
            "behind each of the ten labels learns what it takes the picture for, though nobody taught it to.",
            "`models/corpora/digits/README.md` of the playground says where the digits are from (UCI, CC BY 4.0).",
        ),
        table(("", "share", "of"), *((says, f"{share:.2f}", f"{count:,}") for says, share, count in rows)),
        paragraph(
            "The judge says that a picture shows what the nearest of those that were learned from shows. Digits that",
            "were held out are real ones, and none of their pixels was learned from. A share p of n has a standard",
            "error of the root of p (1 - p) / n.",
        ),
        "## What it draws",
        paragraph("Its first drawing of each label, ink as █:"),
        "\n".join(f"    {line}".rstrip() for line in _side_by_side(skill.shown)),
    ]


def limits(model: GPT | GRU) -> list[str]:
    """The section "Limits"."""
    skill = records.read(Skill, model.training[KEY])
    return [
        "## Limits",
        items(
            [
                "It knows small pictures of ten digits and nothing else, and each line by itself: what stands on the"
                " line before means nothing to it.",
                f"Of its drawings {1 - skill.right:.0%} do not show what was asked for, by a judge that is itself wrong"
                f" about {1 - skill.judged:.0%} of real ones.",
                f"It sees {model.training['settings']['block_size']} tokens, a label, a picture and the line end"
                " behind it: there a drawing ends, and what it would write after that is nonsense.",
                "It draws from the upper left to the lower right and never goes back: what has gone wrong stays.",
            ]
        ),
    ]


def _side_by_side(drawn: Sequence[str]) -> Iterator[str]:
    """Pictures in characters that look like their greys, as far as they are whole."""
    pictures = digits.PICTURES
    looks = str.maketrans(pictures.shades, INK)
    for at in range(1, pictures.size + 1, pictures.width):
        yield "  ".join(line[at : at + pictures.width].ljust(pictures.width).translate(looks) for line in drawn)
