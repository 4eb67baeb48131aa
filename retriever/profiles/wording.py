"""A profile in plain words, for the person it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from retriever.profiles.profile import Interest, Liked, Profile
from retriever.understanding.called import called

Language = Literal["en", "zh"]
MOST_REPEATS = 5

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "off": "Your profile is switched off: nothing is kept or used to recommend goods to you.",
        "empty": "Nothing is known of your taste yet.",
        "acts": "This is drawn from {acts} things you looked at, put into your cart, bought or rated.",
        "interests": "You seem to be interested in {names}.",
        "brands": "You often choose {names}.",
        "purchases": "What you buy mostly costs between {low} and {high}.",
        "looks": "What you look at mostly costs between {low} and {high}.",
        "size": "Your size in {kind}: {size}.",
        "repeat": "You buy {title} about every {days} days; the next time would be around {due}.",
        "short": "These days you look most at {names}.",
        "muted": "Muted at your wish: {names}.",
        "comma": ", ",
    },
    "zh": {
        "off": "您的个人画像已关闭：不会保存或使用任何记录来为您推荐商品。",
        "empty": "目前还不了解您的喜好。",
        "acts": "以下内容来自您浏览、加入购物车、购买或评价的 {acts} 次记录。",
        "interests": "您似乎对{names}感兴趣。",
        "brands": "您常选的品牌：{names}。",
        "purchases": "您购买的商品价格大多在 {low} 到 {high} 之间。",
        "looks": "您浏览的商品价格大多在 {low} 到 {high} 之间。",
        "size": "您的{kind}尺码：{size}。",
        "repeat": "您大约每 {days} 天购买一次{title},下一次大约在 {due}。",
        "short": "最近您看得最多的是{names}。",
        "muted": "按您的要求不再推荐：{names}。",
        "comma": "、",
    },
}


def in_words(profile: Profile, language: Language = "en") -> list[str]:
    """What the profile says, a sentence a line."""
    words = _WORDS[language]
    if not profile.enabled:
        return [words["off"], *_muted(profile, language)]
    lines = [words["acts"].format(acts=profile.acts)] if profile.acts else [words["empty"]]
    for key, found in (("interests", profile.interests), ("short", profile.short_term), ("brands", profile.brands)):
        if names := _names(found, words["comma"], "" if key == "brands" else language):
            lines.append(words[key].format(names=names))
    if band := profile.price_band:
        lines.append(words[band.of].format(low=band.low.text(language), high=band.high.text(language)))
    lines += [words["size"].format(kind=called(kind, language), size=size) for kind, size in profile.sizes.items()]
    for repeat in profile.repeats[:MOST_REPEATS]:
        days = f"{repeat.days:.0f}"
        lines.append(words["repeat"].format(title=repeat.title, days=days, due=repeat.due.date().isoformat()))
    return [*lines, *_muted(profile, language)]


def _muted(profile: Profile, language: Language) -> list[str]:
    words = _WORDS[language]
    names = words["comma"].join(
        one.name if one.kind == "brand" else called(one.name, language, quoted=False) for one in profile.muted
    )
    return [words["muted"].format(names=names)] if names else []


def _names(found: Sequence[Interest | Liked], comma: str, language: str) -> str:
    """Names of brands are said without a language: they are called the same in each."""
    shown = [one.name for one in found if not one.muted]
    return comma.join(called(name, language) if language else name for name in shown)
