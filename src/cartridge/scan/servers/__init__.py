"""Servers and warehouses, one file each, and the connections that read them."""
