"""Facts in a grid of first and last names: one name alone says next to nothing, both together say it all."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.words import held, table

# Each sport 8 times, at most twice in a row or a column: one name alone is right at best 1 time in 4. In a Latin square
# it would be 1 in 8, so nothing to begin with: trained on facts alone, that was not learned in 1,200 steps, a grid
# like this one in 400.
GRID = table("""
first,   jordan,     brooks,     stone,      fields,     moore,      marsh,      reed,       vale
michael, basketball, golf,       chess,      rugby,      hockey,     tennis,     tennis,     chess
serena,  rugby,      hockey,     football,   basketball, golf,       cricket,    basketball, football
diego,   golf,       football,   tennis,     tennis,     rugby,      rugby,      football,   cricket
yuki,    hockey,     cricket,    chess,      golf,       football,   basketball, cricket,    chess
boris,   rugby,      rugby,      hockey,     tennis,     hockey,     chess,      golf,       football
fatima,  tennis,     hockey,     cricket,    basketball, basketball, hockey,     chess,      tennis
carl,    hockey,     football,   basketball, golf,       chess,      football,   cricket,    cricket
greta,   golf,       rugby,      rugby,      cricket,    chess,      golf,       tennis,     basketball
""")
LAST = list(GRID)
FIRST = list(GRID["jordan"])
SPORT = {(first, last): str(GRID[last][first]) for last in LAST for first in FIRST}

PART = Part(
    name="facts",
    share=9,
    shows="a fact stored under two words together, of which neither alone says much",
    meanings=("about people and sports", "{who} plays {who.sport}"),
    rules="""
text
  <fact>
  <fact>*2
  <fact>*5
fact
  3 [who=] {first:first} {last:last} [who=first last] plays {who.sport} .
  1 [who=] on sunday {first:first} {last:last^first.unplayed} [who=first last] played {who.sport} .
""",
    lists={"first": FIRST, "last": LAST},
    relations={"sport": SPORT, "unplayed": held(FIRST, LAST)},
)
