"""The shop's set phrases in each language, and why a call was not done in words for the shopper."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from assistant.errors import SIGN_IN

PHRASES = {
    "en": {
        "found": "I found {count} that match: {goods}.",
        "found_one": "I found one: {goods}.",
        "start": "Here are some to start with: {goods}.",
        "one": "{title}, {price}, {stock}",
        "rated": ", rated {value:.1f} of 5 by {count}",
        "refused": "That could not be done: {why}",
        "sign_in": "Please sign in first, then I can look at your orders.",
        "limited": "The assistant is limited for the moment; this much I can do.",
        "limited_nothing": "The assistant is limited for the moment: I can search the shop, show your cart and "
        "your orders, look up its rules, and ask a person to take over. What are you looking for?",
        "handoff": "I have asked a person of the shop to take over. Your request was recorded.",
        "nothing": "I did not understand that well enough to answer from the shop's records. "
        "Tell me what you are looking for, or ask about delivery, returns or your cart.",
        "join": "; ",
        "nothing_found": "I found nothing for “{query}” that fits.",
        "lead": "{without}:",
        "beside": "The nearest I have",
        "nearest": " {goods}.",
        "relaxed": "{without} there would be {count}.",
        "without": "Without {conditions}",
        "and": " and ",
        "price_max": "the highest price",
        "price_min": "the lowest price",
        "category": "the category",
        "brand": "the brand",
        "exclude": "the words to avoid",
        "in_stock": "asking for stock",
        "attribute": "the {attribute}",
        "feature": "one of the features",
        "colours": "the color",
        "price_of": "{title} costs {price}.",
        "price_unknown_of": "The price of {title} is unknown.",
        "stock_of": "{title} is {stock}.",
        "rating_of": "{title} is rated {value:.1f} of 5 by {count}.",
        "attribute_of": "{attribute} of {title}: {value}.",
        "options_of": "{title} comes in {values}.",
        "cheapest": "{title} has the lowest price: {price}.",
        "side_by_side": "{goods}.",
        "recommend": "I recommend {goods}.",
        "recommend_none": "I have nothing to recommend for that.",
        "recommend_none_again": "There is nothing yet that you buy again and again.",
        "with_reasons": "{words} ({why})",
        "reason_of": "{title}: {why}",
        "because": "{title}: {why}.",
        "why_search": "{title} came up in the search for “{query}”; it was not recommended for another reason.",
        "why_plain": "{title}: the records prove no particular reason.",
        "why_nothing": "I have not recommended anything in this conversation yet.",
        "stop": "From now on I will not recommend {goods}. A search still finds it. "
        "To undo this, say “you can recommend {called} again”.",
        "stop_visit": "For this visit I will not recommend {goods}. A search still finds it. "
        "To undo this, say “you can recommend {called} again”.",
        "allow": "I may recommend {goods} again.",
        "allow_none": "You had not kept me from recommending {goods}, so I may do so as before.",
        "unknown_name": "The shop has nothing called “{called}”, so nothing was changed.",
        "goods_of_brand": "the brand {called}",
        "goods_of_kind": "“{called}”",
        "goods_called": "anything called “{called}”",
        "forget": "I have forgotten what you did with “{called}”. Records deleted: {count}.",
        "forget_none": "There is no record of anything that you did with “{called}”.",
        "forget_all": "I have forgotten what you looked at and searched for, what was recommended to you and what you "
        "decided about it. Records deleted: {count}. Your cart and your orders stay.",
        "off": "Personal recommendations are off: what you looked at or bought is not used for them, and what you do "
        "from now on is not kept for them. To have them back, say “turn on personal recommendations”.",
        "off_visit": "Personal recommendations are off for this visit: what you looked at is not used for them, and "
        "what you do from now on is not kept for them. To have them back, say “turn on personal recommendations”.",
        "on": "Personal recommendations are on again.",
        "question": "{text} For example: {options}?",
        "order": "Order {id} is {status}.",
        "order_placed": "It was placed on {day}.",
        "order_total": "The total is {total}.",
        "order_tracking": "Tracking number: {number}.",
        "no_orders": "There are no orders yet.",
        "no_rule": "The shop's policies say nothing about “{query}”.",
        "original": "{text}",
        "list": ", ",
    },
    "zh": {
        "found": "为您找到 {count} 款：{goods}。",
        "found_one": "为您找到一款：{goods}。",
        "start": "先看看这几款：{goods}。",
        "one": "{title}，{price}，{stock}",
        "rated": "，{count} 人评分 {value:.1f}",
        "refused": "未能完成：{why}",
        "sign_in": "请先登录，然后我就能查看您的订单。",
        "limited": "智能助手暂时受限，目前能做到这些。",
        "limited_nothing": "智能助手暂时受限：可以搜索商品、查看购物车和订单、查询店铺规则，"
        "或转接人工客服。您想找什么？",
        "handoff": "已为您转接人工客服，您的请求已记录。",
        "nothing": "我没能从店内记录中找到答案。请告诉我您想找什么商品，或询问配送、退换货、购物车。",
        "join": "；",
        "nothing_found": "没有找到符合“{query}”的商品。",
        "lead": "{without}：",
        "beside": "最接近的有",
        "nearest": "{goods}。",
        "relaxed": "{without}有 {count} 个。",
        "without": "去掉{conditions}",
        "and": "和",
        "price_max": "最高价",
        "price_min": "最低价",
        "category": "类别",
        "brand": "品牌",
        "exclude": "排除词",
        "in_stock": "有货要求",
        "attribute": "{attribute}",
        "feature": "某项特征",
        "colours": "颜色",
        "price_of": "{title} 售价 {price}。",
        "price_unknown_of": "{title} 价格未知。",
        "stock_of": "{title} {stock}。",
        "rating_of": "{title} 由 {count} 人评分 {value:.1f}。",
        "attribute_of": "{title} 的{attribute}：{value}。",
        "options_of": "{title} 有{values}可选。",
        "cheapest": "{title} 价格最低：{price}。",
        "side_by_side": "{goods}。",
        "recommend": "为您推荐：{goods}。",
        "recommend_none": "这方面暂时没有可以推荐的商品。",
        "recommend_none_again": "还没有您经常购买的商品。",
        "with_reasons": "{words}（{why}）",
        "reason_of": "{title}：{why}",
        "because": "{title}：{why}。",
        "why_search": "{title}是按“{query}”搜索到的，并没有别的推荐理由。",
        "why_plain": "{title}：记录里没有能证明的具体理由。",
        "why_nothing": "在这次对话里还没有为您推荐过商品。",
        "stop": "今后不再推荐{goods}。搜索时仍能找到。想恢复的话，请说“可以再推荐{called}”。",
        "stop_visit": "这次浏览中不再推荐{goods}。搜索时仍能找到。想恢复的话，请说“可以再推荐{called}”。",
        "allow": "现在又可以推荐{goods}了。",
        "allow_none": "您没有屏蔽过{goods}，照常可以推荐。",
        "unknown_name": "店里没有叫“{called}”的商品，所以没有改动。",
        "goods_of_brand": "{called}这个品牌",
        "goods_of_kind": "“{called}”",
        "goods_called": "名称里有“{called}”的商品",
        "forget": "已忘记您与“{called}”有关的浏览，删除记录 {count} 条。",
        "forget_none": "没有您与“{called}”有关的记录。",
        "forget_all": "已忘记您看过和搜过的、为您推荐过的，以及您在推荐方面的设置，删除记录 {count} 条。"
        "购物车和订单保留。",
        "off": "个性化推荐已关闭：不再使用您看过或买过的商品，今后的浏览也不会为此保存。"
        "想恢复的话，请说“打开个性化推荐”。",
        "off_visit": "这次浏览的个性化推荐已关闭：不再使用您看过的商品，之后的浏览也不会为此保存。"
        "想恢复的话，请说“打开个性化推荐”。",
        "on": "个性化推荐已重新打开。",
        "question": "{text}例如：{options}？",
        "order": "订单 {id} {status}。",
        "order_placed": "下单日期：{day}。",
        "order_total": "合计 {total}。",
        "order_tracking": "快递单号：{number}。",
        "no_orders": "还没有订单。",
        "no_rule": "店内规定没有提到“{query}”。",
        "original": "店内规定的原文是：{text}",
        "list": "、",
    },
}

# Reasons as the guard, the tools and the records give them, and what a shopper hears. English ones that read well
# as they are have no words of their own here.
_UNSEEN = {"en": "I have not shown you that product yet.", "zh": "这件商品还没有给您看过，请先说想找什么。"}
_WHICH = {"en": "It is not clear which product you mean.", "zh": "不确定您指的是哪件商品。"}
_WORDLESS = {"en": "Please tell me in words what you are looking for.", "zh": "请用文字告诉我想找什么商品。"}
UNCLEAR = {"zh": "没有听明白，请换个说法再说一次。"}
REASONS: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (r" was not shown in this conversation", _UNSEEN),
        (r"^The cart changes only when", {"zh": "购物车只按您的要求改动。"}),
        (r"^Recommendations change only when", {"zh": "推荐设置只按您的要求改动。"}),
        (r"^A person takes over only when", {"zh": "您要求时才会转接人工客服。"}),
        (r"^It is not clear that you meant|is a variant of '.*', not of|^A cart line names neither", _WHICH),
        (r"^You did not ask for (?P<count>-?\d+) of them", {"zh": "您没有说要 {count} 件。"}),
        (r"^You asked for fewer things", {"zh": "您要的没有这么多样。"}),
        (r"^Nothing allows ", {"en": "I cannot do that.", "zh": "这件事我办不了。"}),
        (r"^There are (?P<stock>\d+) of (?P<title>.*), not (?P<count>\d+)\.$", {"zh": "{title} 只有 {stock} 件。"}),
        (r"^(?P<title>.*) cannot be bought now: ", {"zh": "{title} 现在买不了。"}),
        (r"^(?P<title>.*) comes in \d+ variants: (?P<forms>.*)\.$", {"zh": "{title} 有几种：{forms}。请说要哪一种。"}),
        (r"^The cart holds (?P<count>\d+) variants of", {"zh": "购物车里有这件商品的 {count} 种规格，请说是哪一种。"}),
        (r" is not in the cart\.$", {"en": "That is not in the cart.", "zh": "购物车里没有这件商品。"}),
        (r"^A cart holds at most (?P<count>\d+)", {"zh": "购物车最多放 {count} 种商品。"}),
        (r"^The quantity (?P<count>\d+) is too large", {"zh": "{count} 件太多了。"}),
        (r"^There is no order '(?P<id>.*)' of this", {"en": "You have no order {id}.", "zh": "没有您的订单 {id}。"}),
        (r"^There is no product", {"en": "The shop has no such product.", "zh": "店里没有这件商品。"}),
        (r"^No such variant\. Options are (?P<options>.*)\.$", {"zh": "没有这一种。可选的有：{options}。"}),
        (r"^Comparing needs two", {"zh": "要有两件不同的商品才能对比。"}),
        (r"^There are no words to search for|^The query (?:is empty|has)", _WORDLESS),
    )
)


def phrase(name: str, language: str, **values: object) -> str:
    """One of the shop's set phrases in the shopper's language."""
    return PHRASES.get(language, PHRASES["en"])[name].format(**values)


@cache
def replies() -> dict[str, dict[str, list[str]]]:
    """What is said where no tool helps, by kind and language; a small model is taught these very words."""
    return tomllib.loads((resources.files("assistant") / "replies.toml").read_text(encoding="utf-8"))


def refusal(reason: str, language: str) -> str:
    """Why a call was not done, in the shopper's language; the reasons on record are English."""
    if reason == SIGN_IN:
        return phrase("sign_in", language)
    for pattern, said in REASONS:
        match = pattern.search(reason)
        words = said.get(language if language in PHRASES else "en")
        if match and words:
            return phrase("refused", language, why=words.format(**match.groupdict()))
    return phrase("refused", language, why=UNCLEAR.get(language, reason))
