"""Stories: a name, a place and a thing introduced early decide words much later."""

from models.corpora.little_world.parts.part import Part
from models.corpora.little_world.parts.senses import SENSES
from models.corpora.little_world.words import NAMES, Relations, held, table

FORENAMES = "zor vek mib tal quo rix lun pag dri sho nuk fel gim hob jat wes".split()
SURNAMES = "lamu bono nixel tarno mudo dekra rimba zolin penko galdo vipo sutra koreb hemla fadin jyrra".split()

SETTINGS = table("""
setting, where,         spot
river,   by the river,  in the water / on the sand
city,    in the city,   in the street / on the bridge
jungle,  in the jungle, under a leaf / in the mud
hills,   in the hills,  behind a rock / in the grass
""")
OWN: Relations = {
    "bank": {"river": "river bank", "city": "city bank"},
    "unheard": held(FORENAMES, SURNAMES),  # made-up names
    "stranger": held(NAMES, NAMES),  # who never meet
}

PART = Part(
    name="story",
    share=34,
    shows="a name introduced early decides a word much later",
    meanings=(
        "a story",
        "{hero} lives {setting.where}",
        "{friend} is {sex.his} {kin}",
        "{owner} has the {thing}",
        "{buyer} buys, so it is for {receiver}",
        "the bank is the one {sense.where}",
    ),
    rules="""
text
  <opening> <event>*2 <third> <ending>
third
  1
  1 <event>
opening
  7 {hero:name} [sex=hero] lived <where> with {sex.his} {kin:kin} <friend> .
  5 {hero:name} [sex=hero] was from a house <where> . {sex.he} had [kin:kin] {kin.article} {kin} <friend> .
  8 a {sex:grown} named <made-up> lived <where> with {sex.his} {kin:kin} <friend> .
made-up
  {forename:forename} [hero=forename] {surname:surname^forename.unheard} [hero=forename surname]
where
  [setting:setting] {setting.where}
friend
  {friend:kin.names-hero^hero.stranger}
event
  10 when <both> went to the {:shop} , <purchase> .
  8 it was a {:weather} {:time} .
  7 <someone> turned left at the {:corner} .
  7 <someone> left {:manner} .
  12 if setting.bank: <someone> walked to the bank . [sense=setting.bank] the bank {:sense.verb} {:sense.manner} .
  25 if not thing: one {:time} {sex.he} found <found> .
  25 if thing: <exchange>
both
  {hero} and {friend}
  {friend} and {hero}
someone
  {hero}
  {friend}
purchase
  [buyer=hero] [receiver=friend] <bought>
  [buyer=friend] [receiver=hero] <bought>
bought
  {buyer} bought {:food} for [last=receiver] [buyer=] [receiver=] {last}
found
  [adjective:adjective] {adjective.article} {adjective} [owner=hero] [other=friend] {thing:thing} {:setting.spot}
exchange
  6 {owner} gave the {thing} to [owner<>other] {owner} . {owner} thanked {other} .
  4 then [owner<>other] {owner} took the {thing} from {other} . {other} was sad .
ending
  6 if thing: at night {owner} still had the {thing} .
  4 if thing: who has the {thing} ? {owner} .
  1 if not thing: at night {hero} and {friend} slept well .
""",
    lists={
        "grown": ["man", "woman", "boy", "girl"],
        "forename": FORENAMES,
        "surname": SURNAMES,
        "setting": list(SETTINGS["where"]),
    },
    relations=SENSES | SETTINGS | OWN,
)
