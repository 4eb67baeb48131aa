"""Colours in English and Chinese, each of a family: navy is a blue, 酒红 a red.

Two colours of one family may be meant for one another; two of different families are not.
"""

from __future__ import annotations

from functools import cache

from retriever.quality.lexicon import Phrases

ANY = "multicolor"  # goes with every colour

_FAMILIES = {
    "black": "black,jet black,matte black,onyx,ebony,黑,黑色,纯黑,negro,negra",
    "white": "white,snow white,off-white,off white,ivory,pearl white,白,白色,纯白,米白,象牙白,奶白,blanco,blanca",
    "gray": "gray,grey,charcoal,heather,slate,graphite,gunmetal,ash gray,ash grey,灰,灰色,炭灰,深灰,浅灰,太空灰,gris",
    "silver": "silver,chrome,nickel,platinum,银色,银白",
    "gold": "gold,golden,brass,champagne,金色,香槟色,黄铜色",
    "red": "red,burgundy,maroon,wine red,crimson,scarlet,ruby,cherry red,红,红色,酒红,大红,朱红,枣红,rojo,roja",
    "pink": "pink,rose,blush,fuchsia,hot pink,magenta,salmon,粉色,粉红,玫红,玫瑰色,rosa",
    "rose gold": "rose gold,玫瑰金",
    "orange": "orange,coral,peach,tangerine,rust,terracotta,橙,橙色,橘色,橘红",
    "yellow": "yellow,mustard,lemon yellow,黄,黄色,柠檬黄,amarillo",
    "green": "green,olive,sage,emerald,绿,绿色,墨绿,军绿,橄榄绿,薄荷绿,verde",
    "blue": "blue,navy,navy blue,royal blue,sky blue,cobalt,indigo,azure,baby blue,蓝,蓝色,藏青,海军蓝,天蓝,宝蓝,azul",
    "teal": "teal,turquoise,aqua,cyan,青色,蓝绿色,湖蓝",
    "purple": "purple,violet,lavender,lilac,plum,mauve,eggplant,紫,紫色,淡紫,薰衣草紫,morado",
    "brown": "brown,chestnut,mocha,espresso,bronze,copper,cognac,棕,棕色,褐色,咖啡色,marrón",
    "beige": "beige,tan,khaki,camel,cream,sand,taupe,nude,ecru,oatmeal,米色,驼色,卡其,卡其色,杏色,裸色,奶油色",
    "clear": "clear,transparent,透明,透明色",
    ANY: "multicolor,multicolour,multi-color,multicolored,multi,rainbow,colorful,彩色,多色,彩虹色,混色",
}

# In a text that is not the value of a colour these mean something else more often.
_UNCERTAIN = (
    "rose,clear,cream,sand,slate,heather,ruby,onyx,ebony,platinum,nickel,brass,copper,bronze,rust,plum,peach,"
    "coral,sage,nude,multi,champagne,espresso,mocha,scarlet,salmon,emerald,oatmeal,rosa,verde,rainbow,透明,golden,"
    "chrome,graphite,cobalt,chestnut,olive,blush,gris,colorful"
)

_NEVER = (
    "white noise,black friday,red wine,red light therapy,blue tooth,green tea,black tea,white tea,"
    "orange juice,ice cream,black pepper,brown sugar,brown rice,red pepper,green screen,golden retriever,"
    "navy seal,navy federal,blue ray,white board,black out,red cross,orange county,white water,white wine,"
    "black bean,black beans,green bean,green beans,green coffee,black coffee,white chocolate,black box,"
    "black hole,green day,red bull,red velvet,blue light,蓝牙,蓝光,蓝莓,红酒,红茶,红枣,红薯,红豆,红糖,红木,"
    "红外,红包,网红,口红,腮红,黑茶,黑豆,黑米,黑芝麻,黑板,黑胡椒,黑巧,黑科技,黑头,白酒,白菜,白米,白板,白领,"
    "白茶,白糖,白开水,空白,美白,增白,亮白,牙齿白,蛋白,绿茶,绿豆,绿植,绿萝,黄油,黄金,黄瓜,黄豆,黄桃,灰尘,紫薯,"
    "紫菜,紫外,紫砂,橙汁,橙子,粉底,青白"
)


def colours(text: str) -> dict[str, str]:
    """The families of colour that a query or a title names, each with the word for it."""
    return _phrases(certain=True).values(text)


def colours_of(value: str) -> dict[str, str]:
    """The families that the value of a colour names: there, "clear" and "rose" are surely colours."""
    return _phrases(certain=False).values(value)


@cache
def _phrases(*, certain: bool) -> Phrases:
    values: dict[str, str | None] = dict.fromkeys(_NEVER.split(","), None) if certain else {}
    uncertain = frozenset(_UNCERTAIN.split(","))
    for family, words in _FAMILIES.items():
        values.update({word: family for word in words.split(",") if not (certain and word in uncertain)})
    return Phrases(values)
