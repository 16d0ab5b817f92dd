"""Brackets of three kinds, up to four deep: the last one opened is the first to be closed."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import table

BRACKETS = table("""
kind,   open, close
round,  (,    )
square, [,    ]
curly,  {,    }
""")
KINDS = list(BRACKETS["open"])
# (outer, inner): the kind that no training text opens inside these two
UNNESTED = {
    (a, b): (KINDS[(i + 2 * j) % 3],) for i, a in enumerate(KINDS) for j, b in enumerate(KINDS) if (i + j) % 3 < 2
}

PART = Part(
    name="brackets",
    share=4,
    shows="closing brackets in the reverse of the order they were opened in",
    meanings=(
        "brackets",
        "{d.close} closes the innermost",
        "{c.close} closes the third",
        "{b.close} closes the second",
        "{a.close} closes the outermost",
    ),
    rules="""
text
  <one> .
  <one> <one> .
one
  [a:kind] {a.open} <in-one> [gone=a] [a=] {gone.close}
in-one
  1 {:colour}
  3 <two>
  2 {:colour} <two>
  2 <two> <two>
two
  [b:kind] {b.open} <in-two> [gone=b] [b=] {gone.close}
in-two
  2 {:colour}
  3 <three>
  2 {:colour} <three>
three
  [around=a b] [c:kind^around.unnested] {c.open} <in-three> [gone=c] [c=] {gone.close}
in-three
  2 {:colour}
  1 <four>
  1 <four> {:colour}
four
  [d:kind] {d.open} {:colour} [gone=d] [d=] {gone.close}
""",
    lists={"kind": KINDS},
    relations={**BRACKETS, "unnested": UNNESTED},
)
