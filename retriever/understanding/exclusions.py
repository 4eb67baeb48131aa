"""What a query excludes, and the words in which a product says that it does without it.

A shop says the same thing in many ways: ``no stem``, ``stem-free``, ``stemless``. Some are
made by rule from the excluded word (``mug-free``, ``unlined``), some have to be known (a
planner without dates is ``undated``, coffee without caffeine ``decaf``).
"""

from __future__ import annotations

from dataclasses import dataclass

from retriever.text import fold, holds_han

CONFIDENT = 0.5  # from here on the words are taken out of what is searched

# What goes without the thing, by its singular. General shop language, not any one catalogue's.
_WITHOUT: dict[str, tuple[str, ...]] = {
    "additive": ("additive free", "pure"),
    "alcohol": ("alcohol free", "non alcoholic"),
    "animal": ("vegan", "plant based"),
    "bleach": ("unbleached",),
    "bone": ("boneless",),
    "cable": ("wireless", "cordless"),
    "caffeine": ("decaf", "decaffeinated", "caffeine free"),
    "cord": ("cordless", "wireless", "battery operated", "hardwired"),
    "cotton": ("cotton free",),
    "dairy": ("dairy free", "non dairy", "vegan"),
    "date": ("undated",),
    "dye": ("dye free", "undyed"),
    "flavor": ("unflavored", "flavorless"),
    "flavour": ("unflavoured", "flavourless"),
    "foam": ("foam free",),
    "fragrance": ("fragrance free", "unscented"),
    "frame": ("frameless", "unframed"),
    "gelatin": ("gelatin free", "vegan"),
    "gelatine": ("gelatine free", "vegan"),
    "gluten": ("gluten free",),
    "hood": ("hoodless", "crew neck", "crewneck"),
    "hoodie": ("hoodless", "crew neck", "crewneck"),
    "insert": ("cover only", "insert not included"),
    "lace": ("slip on", "laceless", "no tie"),
    "lactose": ("lactose free", "dairy free"),
    "liner": ("unlined", "liner free"),
    "lining": ("unlined",),
    "line": ("unlined", "unruled", "blank"),
    "logo": ("plain", "blank", "unbranded"),
    "meat": ("meatless", "vegetarian", "vegan"),
    "milk": ("dairy free", "non dairy", "vegan"),
    "nut": ("nut free",),
    "odor": ("odorless", "unscented"),
    "padding": ("unpadded",),
    "pad": ("unpadded",),
    "pattern": ("plain", "solid"),
    "perfume": ("perfume free", "fragrance free", "unscented"),
    "preservative": ("preservative free",),
    "print": ("plain", "solid", "blank"),
    "salt": ("unsalted", "salt free"),
    "scent": ("unscented", "scent free", "fragrance free"),
    "sleeve": ("sleeveless",),
    "stem": ("stemless",),
    "strap": ("strapless",),
    "sugar": ("sugar free", "unsweetened", "zero sugar"),
    "sweetener": ("unsweetened", "sweetener free"),
    "underwire": ("wireless", "wirefree", "wire free"),
    "wire": ("wireless", "wire free", "cordless"),
    "wiring": ("wireless", "battery operated", "plug in"),
}
_IRREGULAR = {
    "knives": "knife",
    "shelves": "shelf",
    "scarves": "scarf",
    "loaves": "loaf",
    "leaves": "leaf",
    "halves": "half",
    "feet": "foot",
    "teeth": "tooth",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "lenses": "lens",
    "gases": "gas",
    "cases": "case",
    "bases": "base",
    "vases": "vase",
    "hoses": "hose",
    "noses": "nose",
    "roses": "rose",
    "purses": "purse",
    "horses": "horse",
    "shoes": "shoe",
    "laces": "lace",
    "axes": "axe",
    "cookies": "cookie",
    "hoodies": "hoodie",
    "calories": "calorie",
    "batteries": "battery",
}
_PLURAL = {one: many for many, one in _IRREGULAR.items()}
_VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One thing that a query does not want.

    Attributes:
        thing: What is not wanted, folded: ``mesh liner``.
        said: The words of the query that say so: ``without mesh liner``.
        confidence: How sure it is that this excludes anything, 0 to 1; a title may only look like it.
        kept: The query's own words for it (``sugar free``) are what products say of themselves, and stay in the text.
        wanted: Content words of the rest of the query; what is wanted anyway is no evidence of the thing.
    """

    thing: str
    said: str
    confidence: float
    kept: bool = False
    wanted: frozenset[str] = frozenset()

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the thing; a Chinese thing is one."""
        return (self.thing,) if holds_han(self.thing) else tuple(self.thing.replace("-", " ").split())

    @property
    def head(self) -> str:
        """The noun that the others describe: the last one in English."""
        return self.words[-1]

    @property
    def sure(self) -> bool:
        """Whether searching may act on it."""
        return self.confidence >= CONFIDENT

    @property
    def single_words(self) -> tuple[str, ...]:
        """Ways of doing without it that say so on their own: ``stemless``, ``unlined``, ``sugar free``."""
        if holds_han(self.thing):
            return (f"无{self.thing}", f"不含{self.thing}")
        one = singular(self.head)
        known = _WITHOUT.get(one, ())
        made = (f"{one}less",) if len(self.words) == 1 else ()
        return tuple(dict.fromkeys((*known, *made)))


def singular(word: str) -> str:
    """An English noun in the singular, as far as its ending tells."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """An English noun in the plural, from its singular."""
    if word in _PLURAL:
        return _PLURAL[word]
    if word.endswith("y") and len(word) > 2 and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def forms(word: str) -> tuple[str, ...]:
    """The word in the singular and in the plural: what a text may call it."""
    one = singular(fold(word))
    return tuple(dict.fromkeys((one, plural(one), fold(word))))


def described(word: str) -> str:
    """The adjective of what has it: ``hood`` makes hooded, ``pad`` padded, ``line`` lined."""
    one = singular(word)
    if one.endswith("e"):
        return one + "d"
    short = len(one) > 2 and one[-1] not in _VOWELS + "wxy" and one[-2] in _VOWELS and one[-3] not in _VOWELS
    return one + (one[-1] if short and len(one) <= 4 else "") + "ed"
