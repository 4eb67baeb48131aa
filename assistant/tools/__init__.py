"""The tools the model sees, in the order they are offered."""

from __future__ import annotations

from langchain_core.tools import BaseTool

from assistant.tools.cart import get_cart, update_cart
from assistant.tools.catalog import compare_products, get_product, search_catalog
from assistant.tools.profile import explain_recommendation, get_profile, update_profile
from assistant.tools.recommend import recommend_products
from assistant.tools.service import get_order, list_orders, search_shop_policies_and_faqs, transfer_to_human_agents

TOOLS: tuple[BaseTool, ...] = (
    search_catalog,
    get_product,
    compare_products,
    recommend_products,
    explain_recommendation,
    get_profile,
    update_profile,
    search_shop_policies_and_faqs,
    get_cart,
    update_cart,
    get_order,
    list_orders,
    transfer_to_human_agents,
)
