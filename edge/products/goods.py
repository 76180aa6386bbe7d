"""Products as prices are computed for them."""

from __future__ import annotations

from edge.products.pricing import price
from edge.products.product import Product
from pricing.basket import Goods


def goods(product: Product, now_ms: int, usual_tax_bp: int = 0) -> Goods | None:
    """Returns the good that a product is at `now_ms`, with the promotion that holds then; none where this store has set
    no price for it. `usual_tax_bp` is the rate of what names none.
    """
    costs = price(product, now_ms)
    if costs.now is None:
        return None
    cheaper = costs.now if costs.was is not None else None
    promotion = costs.promotion
    brands = tuple(dict.fromkeys(product.brand.values()))
    return Goods(
        gtin=product.gtin,
        price=costs.was if costs.was is not None else costs.now,
        promo_price=cheaper,
        category=product.category,
        brand=brands[0] if brands else "",
        brand_names=brands[1:],
        tax_bp=usual_tax_bp if product.tax_bp is None else product.tax_bp,
        no_offers=product.no_offers,
        age=product.age,
        promo_buy=promotion.buy if promotion else 0,
        promo_pay=promotion.pay if promotion else 0,
        per_kg=product.sold_by == "kg",
        names=product.name,
    )
