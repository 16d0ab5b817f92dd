"""Lists to be repeated: what a parrot heard, and chants. Only the text itself says what comes next (induction)."""

from models.corpora.little_world.parts.part import Part

PART = Part(
    name="echoes",
    share=7,
    shows="a list never seen before can be repeated by looking back to where it was (induction)",
    meanings=("a list and its echo", "it goes: {heard}"),
    rules="""
text
  3 the parrot heard : <word>*3 <heard-3>
  4 <new>*3 <chant-3>
word
  {item:item^item.unpaired} [heard=heard item]
said
  . it said : {heard} .
heard-3
  1 <said>
  4 <word> <heard-4>
heard-4
  1 <said>
  3 <word> <heard-5>
heard-5
  1 <said>
  2 <word> <heard-6>
heard-6
  1 <said>
  1 <word> <said>
new
  {item:item-heard^item.unpaired} [heard=heard item]
chant-3
  1 {heard}*7 .
  4 <new> <chant-4>
chant-4
  1 {heard}*5 .
  3 <new> <chant-5>
chant-5
  1 {heard}*4 .
  2 <new> <chant-6>
chant-6
  1 {heard}*3 .
  1 <new>*2 {heard}*2 .
""",
)
