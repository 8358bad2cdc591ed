"""A small shop database on DuckDB: the same rows on every machine, made in a second."""

from cartridge.app.demo.shop import SHOP_FILE, create_shop

__all__ = ["SHOP_FILE", "create_shop"]
