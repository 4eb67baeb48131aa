"""Every word the page says, in each of its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Texts:
    """One language's words. ``{}`` is filled by the page."""

    tag: str
    welcome: str
    welcome_more: str
    demo_note: str
    played: str
    stop_playing: str
    ask: str
    send: str
    assistant: str
    looking: str
    add: str
    added: str
    choose: str
    price_unknown: str
    price_from: str
    out_of_stock: str
    in_stock: str
    preorder: str
    discontinued: str
    ratings: str
    cart: str
    cart_empty: str
    cart_total: str
    cart_partly_known: str
    cart_note: str
    remove: str
    more: str
    fewer: str
    close: str
    checked: str
    withheld: str
    limited: str
    handed_over: str
    confirm_yes: str
    confirm_no: str
    yes: str
    no: str
    new_talk: str
    theme: str
    failed: str
    browse: str
    policy_question: str
    demo_openers: tuple[str, ...]
    no_picture: str
    unavailable_line: str
    started_over: str
    suggestions: str
    related: str
    corrected: str
    as_typed: str
    for_you: str
    to_start: str
    similar: str
    goes_with: str
    goes_with_cart: str
    again: str
    new_goods: str
    sponsored: str
    back: str
    onward: str
    about: str
    forget: str
    forget_more: str
    no_extras: str


EN = Texts(
    tag="EN",
    welcome="What are you looking for?",
    welcome_more="Ask in your own words. Prices, stock and ratings come from the shop's records.",
    demo_note="A demo. This shop and its goods are fictional; nothing is sold or sent.",
    played="You are here as {}, one of its invented customers.",
    stop_playing="Be a stranger again",
    ask="Say what you are looking for",
    send="Send",
    assistant="Assistant",
    looking="Looking through the shop",
    add="Add to cart",
    added="Added: {}",
    choose="Choose",
    price_unknown="Price unknown",
    price_from="from {}",
    out_of_stock="Out of stock",
    in_stock="In stock",
    preorder="Pre-order",
    discontinued="No longer sold",
    ratings="{} of 5 from {} ratings",
    cart="Cart",
    cart_empty="Nothing in it yet.",
    cart_total="Total",
    cart_partly_known="Without the lines whose price is unknown.",
    cart_note="Ordering is not part of this page.",
    remove="Remove",
    more="One more",
    fewer="One fewer",
    close="Close",
    checked="Checked against the shop's records",
    withheld="Left out, because the records do not prove it: {}",
    limited="The assistant is limited at the moment: this answer comes straight from the search.",
    handed_over="Your request was recorded for a person at the shop.",
    confirm_yes="Yes, do it",
    confirm_no="No, leave it",
    yes="yes",
    no="no",
    new_talk="New conversation",
    theme="Light or dark",
    failed="That did not work: {}",
    browse="Show me {}",
    policy_question="What is your return policy?",
    demo_openers=("Show me a bluetooth speaker under $60", "I need a desk lamp", "Which tents do you have?"),
    no_picture="No picture",
    unavailable_line="Not available now",
    started_over="Something went wrong on our side. Please try again.",
    suggestions="Suggestions",
    related="Related searches",
    corrected="Showing results for {} instead of {}.",
    as_typed="Search for {} as typed",
    for_you="For you",
    to_start="To start with",
    similar="Similar to {}",
    goes_with="Goes with {}",
    goes_with_cart="Goes with your cart",
    again="Again?",
    new_goods="New",
    sponsored="Sponsored",
    back="Back: {}",
    onward="Onward: {}",
    about="Tell me about {}",
    forget="Forget this visit",
    forget_more="What you looked at here is deleted; your cart stays.",
    no_extras="No extras: nothing that goes along, nothing dearer, nothing paid for",
)

ZH = Texts(
    tag="中文",
    welcome="您想找什么？",
    welcome_more="用您自己的话说就行。价格、库存和评分都取自商店的记录。",
    demo_note="这是演示。商店和商品都是虚构的，不会售出或寄送任何东西。",
    played="您现在以{}的身份浏览，这是一位虚构的顾客。",
    stop_playing="恢复为陌生访客",
    ask="说说您想要什么、预算多少",
    send="发送",
    assistant="助手",
    looking="正在店里查找",
    add="加入购物车",
    added="已加入：{}",
    choose="请选择",
    price_unknown="价格未知",
    price_from="{} 起",
    out_of_stock="缺货",
    in_stock="有货",
    preorder="预售",
    discontinued="已停售",
    ratings="{} 分（满分 5 分），{} 人评分",
    cart="购物车",
    cart_empty="还是空的。",
    cart_total="合计",
    cart_partly_known="不含价格未知的商品。",
    cart_note="本页面不能下单。",
    remove="移除",
    more="加一件",
    fewer="减一件",
    close="关闭",
    checked="已与商店记录核对",
    withheld="记录不能证明、因此未说的话：{} 句",
    limited="助手暂时受限：这个回答直接来自搜索。",
    handed_over="您的请求已记录，将由店员处理。",
    confirm_yes="好，就这样办",
    confirm_no="不，先不要",
    yes="是",
    no="否",
    new_talk="新对话",
    theme="明暗切换",
    failed="没有成功：{}",
    browse="看看{}",
    policy_question="你们的退货政策是什么？",
    demo_openers=("60美元以内的蓝牙音箱", "想要一盏台灯", "你们有哪些帐篷？"),
    no_picture="无图片",
    unavailable_line="目前没有货",
    started_over="我们这边出了问题，请再试一次。",
    suggestions="搜索建议",
    related="相关搜索",
    corrected="已改为搜索“{}”，而不是“{}”。",
    as_typed="仍按原样搜索“{}”",
    for_you="为您推荐",
    to_start="先看看这些",
    similar="与“{}”相似",
    goes_with="与“{}”搭配",
    goes_with_cart="与购物车里的商品搭配",
    again="再来一份？",
    new_goods="新品",
    sponsored="赞助",
    back="往回：{}",
    onward="往后：{}",
    about="介绍一下{}",
    forget="忘记这次浏览",
    forget_more="您在这里看过的会被删除；购物车保留。",
    no_extras="不要额外推荐：不搭配、不加价、不看赞助",
)

BY_LANGUAGE = {"en": EN, "zh": ZH}


def texts(language: str) -> Texts:
    """The words of a language; English where it is not one of ours."""
    return BY_LANGUAGE.get(language, EN)


def preferred_language(accept: str) -> str:
    """The first of the page's languages in an ``Accept-Language`` header, else English."""
    for part in accept.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def openers(language: str, categories: Sequence[str], *, demo: bool) -> list[str]:
    """Sentences to start with: of the demo's own goods, or from the shop's categories; and a policy."""
    words = texts(language)
    goods = words.demo_openers if demo else tuple(words.browse.format(name.lower()) for name in categories[:3])
    return [*goods, words.policy_question]
