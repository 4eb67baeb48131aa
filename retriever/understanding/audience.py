"""Whom something is for: women or men, babies, children or adults, dogs or cats; in English, Chinese and Spanish.

A word says something of a person's sex (women), of an age (toddler), of both (girls), or names an
animal. Two audiences agree if nothing that both say of one of these excludes the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from retriever.quality.lexicon import Phrases

# Sex or animals, and ages.
_GROUPS: dict[str, tuple[str, str]] = {
    "women": ("female", "adult"),
    "men": ("male", "adult"),
    "girls": ("female", "kid toddler baby teen"),
    "boys": ("male", "kid toddler baby teen"),
    "unisex": ("female male", ""),
    "kids": ("", "kid toddler"),
    "toddlers": ("", "toddler kid"),
    "babies": ("", "baby toddler"),
    "teens": ("", "teen"),
    "adults": ("", "adult"),
    "dogs": ("dog", ""),
    "cats": ("cat", ""),
    "birds": ("bird", ""),
    "fish": ("fish", ""),
    "horses": ("horse", ""),
    "pets": ("dog cat bird fish horse", ""),
}

_SAID = {
    "women": "women womens woman womans lady ladies mujer mujeres dama damas",
    "men": "men mens man mans gentleman gentlemen hombre hombres caballero caballeros",
    "girls": "girl girls niña niñas nina ninas",
    "boys": "boy boys niño niños nino ninos",
    "kids": "kid kids child children childrens",
    "toddlers": "toddler toddlers",
    "babies": "baby babies newborn newborns infant infants bebé bebe bebés",
    "teens": "teen teens teenager teenagers tween tweens",
    "adults": "adult adults seniors elderly",
    "unisex": "unisex",
    "dogs": "dog dogs puppy puppies canine perro perros",
    "cats": "cat cats kitten kittens feline gato gatos",
    "birds": "bird birds parrot parrots parakeet parakeets",
    "fish": "aquarium aquariums fishes",
    "horses": "horse horses equine equestrian",
    "pets": "pet pets",
}

_SAID_ZH = {
    "women": "女 女士 女款 女式 女性 女人 女装 女鞋 女生 妇女 妈妈 孕妇",
    "men": "男 男士 男款 男式 男性 男人 男装 男鞋 男生 爸爸",
    "girls": "女孩 女童 小女孩 女宝 女宝宝 女儿",
    "boys": "男孩 男童 小男孩 男宝 男宝宝 儿子",
    "unisex": "男女通用 男女 中性 情侣",
    "kids": "儿童 小孩 孩子 小孩子 童装 童鞋",
    "toddlers": "幼儿 学步",
    "babies": "婴儿 宝宝 新生儿 婴幼儿",
    "teens": "青少年 少年",
    "adults": "成人 成年人 大人 老人 中老年",
    "dogs": "狗 狗狗 犬 犬用 小狗 幼犬 狗粮",
    "cats": "猫 猫咪 猫用 小猫 幼猫 猫粮 喵",
    "birds": "鸟 鹦鹉",
    "fish": "鱼缸 水族",
    "horses": "马匹",
    "pets": "宠物",
}

# What these words are not. The longest phrase counts.
_NEVER = (
    "hot dog,hot dogs,corn dog,corn dogs,dog tag,dog tags,cat 5,cat 5e,cat 6,cat 6a,cat 7,cat 8,cat eye,cat eyes,"
    "baby blue,baby pink,baby back,baby carrots,baby spinach,baby breath,baby s breath,boy shorts,boy short,boy scout,"
    "boy scouts,girl scout,girl scouts,lady bug,spider man,iron man,super man,ant man,man cave,man made,pac man,"
    "working man,working mans,working man s,gingerbread man,adult beverage,child proof,child safety,child lock,"
    "baby proof,baby proofing,bird of paradise,hair of the dog,father s day,mother s day,pet hair,"
    "天猫,熊猫,热狗,猫眼,男友,女王,女神节"
)

_ANIMALS = frozenset({"dog", "cat", "bird", "fish", "horse"})
_SEXES = frozenset({"female", "male"})


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom something is for. An empty set is anyone.

    ``groups`` are the groups named, with the words that named them in ``said``.
    """

    sexes: frozenset[str] = frozenset()
    ages: frozenset[str] = frozenset()
    animals: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups)


def read_audience(text: str) -> Audience:
    """Everyone a text is for: "for men and women" is for both, "girls" for female children."""
    found = _phrases().values(text)
    sexes: set[str] = set()
    ages: set[str] = set()
    animals: set[str] = set()
    for group in found:
        who, age = _GROUPS[group]
        sexes.update(_SEXES & set(who.split()))
        animals.update(_ANIMALS & set(who.split()))
        ages.update(age.split())
    # "for baby boys" narrows the age, "unisex" and "pets" name no more than the others allow.
    ages = _narrowed(ages, found)
    named = _ANIMALS & {_GROUPS[group][0] for group in found}
    return Audience(frozenset(sexes), frozenset(ages), frozenset(named or animals), tuple(found), tuple(found.values()))


def compare(asked: Audience, held: Audience) -> int:
    """1 if what is for ``held`` is for whom was asked, -1 if it is for others, 0 if it does not say."""
    facets = ((asked.animals, held.animals), (asked.sexes, held.sexes), (asked.ages, held.ages))
    signs = [1 if wanted & given else -1 for wanted, given in facets if wanted and given]
    if signs:
        return min(signs)
    # A bowl for dogs is none for toddlers; what is for girls may be for dogs as little.
    return -1 if asked and held and bool(asked.animals) != bool(held.animals) else 0


def _narrowed(ages: set[str], groups: dict[str, str]) -> set[str]:
    """A word for an age says more than "boys" and "girls" do: baby girls are babies."""
    own = [set(_GROUPS[group][1].split()) for group in groups if group in {"babies", "toddlers", "teens", "kids"}]
    if own and {"girls", "boys"} & groups.keys() and not {"women", "men", "adults"} & groups.keys():
        return set[str]().union(*own)
    return ages


@cache
def _phrases() -> Phrases:
    values: dict[str, str | None] = dict.fromkeys(_NEVER.split(","), None)
    for said in (_SAID, _SAID_ZH):
        values.update({word: group for group, words in said.items() for word in words.split()})
    return Phrases(values)
