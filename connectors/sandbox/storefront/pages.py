"""The HTML of the storefront: product pages in three themes, a listing, a log-in, the list of all kinds."""

import html

from connectors.sandbox.storefront.kinds import KINDS, Kind, Theme
from connectors.sandbox.storefront.products import PRODUCTS, Product

ICON = '<link rel="icon" href="data:,">'
NAV = (
    '<header class="shop"><a class="brand" href="/">MAISON DÉMO</a>'
    '<nav><a href="/women">Women</a></nav></header>'
)


def page(title: str, body: str, *, head: str = "", attributes: str = "", icon: bool = True) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n{ICON if icon else ''}\n"
        f'<link rel="stylesheet" href="/assets/shop.css">\n{head}</head>\n'
        f'<body{attributes}>\n{NAV}\n<main class="shop">\n{body}\n</main>\n'
        '<script src="/assets/shop.js"></script>\n</body>\n</html>\n'
    )


def product(product: Product, kind: Kind, *, widget: str, head: str) -> str:
    """The page of a product. `widget`: what stands where the button belongs."""
    title = html.escape(product.title)
    body = (
        '<div class="product">'
        f"{_picture(product)}"
        f'<div class="product-info-main"><h1 class="page-title">{title}</h1>'
        f'<p class="price">{product.price}</p>'
        f'<form id="product_addtocart_form" method="post" action="/cart/add">'
        f'<input type="hidden" name="product" value="{product.id}">'
        f"{_choice(product, kind)}{widget}"
        '<p><button type="button" class="tocart">Add to cart</button></p></form>'
        f"</div></div>{kind.body}"
    )
    attributes = {
        Theme.SIMPLE: ' class="product-page"',
        Theme.LUMA: ' class="catalog-product-view page-product-configurable"',
        Theme.HYVA: ' class="catalog-product-view" x-data="{}"',
    }[kind.theme]
    asks = "" if kind.cmp else ' data-consent="asks"'
    return page(
        f"{product.title} - Maison Démo",
        body,
        head=head,
        attributes=attributes + asks,
        icon=kind.icon,
    )


def _picture(product: Product) -> str:
    return (
        '<span class="picture" aria-hidden="true"><svg viewBox="0 0 100 140">'
        f'<path d="{product.picture}"/></svg></span>'
    )


def _choice(product: Product, kind: Kind) -> str:
    """How a size is chosen: a list, or swatches that set a hidden field."""
    if kind.theme is Theme.SIMPLE:
        name = "variant" if kind.has_variant_field else "taille"
        options = "".join(
            f'<option value="{id}">{size}</option>' for size, id in product.variants.items()
        )
        return f'<p class="sizes"><label>Size <select name="{name}">{options}</select></label></p>'
    swatches = "".join(
        f'<button type="button" class="swatch-option text" role="radio" aria-checked="false"'
        f' data-variant="{id}">{size}</button>'
        for size, id in product.variants.items()
    )
    return (
        '<input type="hidden" name="selected_configurable_option" value="">'
        f'<div class="swatch-attribute size" role="radiogroup" aria-label="Size">{swatches}</div>'
    )


def listing(widget: str) -> str:
    cards = "".join(
        f'<li class="product-item"><a class="product-item-link" href="/products/good/{one.slug}">'
        f"{_picture(one)}{html.escape(one.title)}</a>"
        f" {one.price}{widget}</li>"
        for one in PRODUCTS
    )
    body = f'<h1>Women</h1><ol class="products-grid product-items">{cards}</ol>'
    attributes = ' class="catalog-category-view page-products" data-consent="asks"'
    return page("Women - Maison Démo", body, attributes=attributes)


def log_in() -> str:
    body = (
        "<h1>Customer login</h1>"
        '<form method="post" action="/customer/login"><p><label>E-mail '
        '<input type="email" name="login[username]"></label></p><p><label>Password '
        '<input type="password" name="login[password]"></label></p>'
        "<button>Sign in</button></form>"
    )
    return page("Customer login - Maison Démo", body)


def index(others: dict[str, str]) -> str:
    """Every page with what is special about it."""
    slug = PRODUCTS[0].slug
    pages = {f"/products/{name}/{slug}": kind.title for name, kind in KINDS.items()} | others
    rows = "".join(
        f'<tr><td><a href="{path}">{path}</a></td><td>{html.escape(title)}</td></tr>'
        for path, title in pages.items()
    )
    body = f'<h1>Pages of the simulated storefront</h1><table class="kinds">{rows}</table>'
    return page("Maison Démo (simulated)", body)
