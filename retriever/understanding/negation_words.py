"""The words by which an exclusion in an English query is told from what only looks like one."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# "hands free" is without nothing; what else is "-free" names what is not in it.
NO_SUBSTANCE = _words(
    """
    hands hand duty tax toll royalty stress worry care carefree hassle risk trouble maintenance cruelty wrinkle
    tangle frizz tear tears stain streak guilt drug crime interest post rent pain spill mess rust smoke glare
    clog lint chip free stand is are for and get one the with scot ad ads debt error fail germ jam kink knot
    odor shatter
    """
)
SUBSTANCES = _words(
    """
    sugar gluten dairy lactose fragrance scent perfume alcohol sulfate sulphate paraben bpa phthalate silicone
    aluminum aluminium fluoride oil nut peanut soy egg eggs milk caffeine latex nickel chlorine dye gmo salt fat
    carb grain wheat corn yeast gelatin chemical additive preservative msg pfas pfoa formaldehyde acetone
    ammonia bleach lead mercury sodium calorie cholesterol meat
    """
)
# After "no" or "not" these deny no thing: a measure, a degree, a rule, a name, a way to use it.
NEVER = _words(
    """
    more less only just enough too very so much many longer later matter problem one body nobody other better
    worse than even yet always ever again doubt way need name brand idea time over under sure really quite all
    every everything your my his her its our their you me us him them we i it this that these those a be to do
    slip skid stick show iron sew tie pull drill bake boil cook rinse spill drip touch chew bark tangle crease
    wrinkle fade run roll dig rub kink knot peel snag glue weld mess knead cry itch stink sweat shock leak bite
    chip shave peek nonsense boundaries fear limit limits mercy exit entry entrance smoking parking trespassing
    soliciting swimming hitter hero buts excuses guts evil escape name's place reserve response return returns
    regrets
    """
)
# The one of these that follows begins something else than the excluded thing.
BOUNDARY = _words(
    """
    for with in of to from by on at that which under over below above who whose while when where because if but
    plus size sized set style made compatible fits please thanks only is are was were has have can will without
    no not w/o except excluding minus including
    """
)
JOIN = frozenset(("and", "or", "nor", "&", ","))
# What describes anything: before the excluded noun it belongs to it, after it begins something else.
COLOURS = _words(
    """
    black white red blue green yellow orange purple pink brown grey gray beige silver gold golden clear
    transparent navy tan ivory cream teal turquoise maroon burgundy khaki olive multicolor colored coloured neon
    pastel dark light bright
    """
)
MATERIALS = _words(
    """
    solid brass stainless steel plastic wooden leather cotton metal ceramic bamboo aluminum aluminium iron
    copper bronze polyester nylon wool linen silk velvet suede denim rubber acrylic marble porcelain chrome
    """
)
TRAITS = _words(
    """
    large small medium big mini xl xxl xs king queen twin full double single long short tall wide narrow slim
    round square rectangular men mens men's women womens women's kids kid kid's girls girl boys boy baby toddler
    toddlers adult adults unisex bulk pack portable electric waterproof wireless cordless outdoor indoor cheap
    best new used organic vintage modern rechargeable adjustable foldable spicy salty sweet hot cold heavy shiny
    matte glossy digital
    """
)
DESCRIBING = COLOURS | MATERIALS | TRAITS
ARTICLES = _words(
    """
    a an the any added extra of
    """
)
# Nobody sells these: where they are what is missing, it is a title or a saying.
ABSTRACT = _words(
    """
    prejudice remorse borders border fear fears limit limits reason cause regret regrets doubt trace warning
    mercy love apology apologies permission delay exception shame sin end hope god you me us him her them words
    pity honor honour consent conscience soul memory past future country name face faces father mother husband
    wife man men woman enemies enemy friends friend heart pressure judgment guilt worry hesitation rules law
    justice truth reservation reservations dying trying thinking asking saying losing place return home world
    time way tomorrow yesterday
    """
)
# Where an excluded "thing" ends in one of these, the words before it are its title: "listen without prejudice shirt".
MEDIA = _words(
    """
    book books paperback hardcover novel audiobook ebook dvd cd vinyl album song movie film poster print quote sticker
    decal sign shirt shirts tshirt tshirts t-shirt t-shirts tee tees
    """
)
