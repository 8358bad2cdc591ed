"""Names of systems that allowed six or eight letters (AS/400, RPG, COBOL): `CUSNUM`, `ORDDTL`, `EXTAMT`, `CUSTMAST`.

Such names are two codes of three or four letters run together. A name is only taken apart where its end is a code that
says what it is and its beginning is one too; in names of columns any beginning will do before a number or a code.
"""

from __future__ import annotations

from functools import lru_cache

_CODES = {
    "ap": "payable", "ar": "receivable", "gl": "ledger",
    "acc": "account", "act": "account", "acct": "account", "adr": "address", "addr": "address", "art": "article",
    "bil": "billing", "bnk": "bank", "bra": "branch", "brn": "branch", "cat": "category", "chk": "check",
    "cls": "class", "clas": "class", "clm": "claim", "cmp": "company", "com": "company", "crd": "credit",
    "cst": "cost", "ctr": "contract", "cty": "city", "cur": "currency", "cus": "customer", "cust": "customer",
    "dep": "department", "dpt": "department", "dept": "department", "div": "division", "dlv": "delivery",
    "drv": "driver", "due": "due", "emp": "employee", "ext": "extended", "frt": "freight", "grp": "group",
    "inv": "invoice", "itm": "item", "item": "item", "jrn": "journal", "lin": "line", "lne": "line", "loc": "location",
    "mfg": "manufacturer", "mgr": "manager", "net": "net", "ord": "order", "ordr": "order", "pay": "payment",
    "plc": "policy", "pmt": "payment", "pol": "policy", "prd": "product", "prod": "product", "prj": "project",
    "pur": "purchase", "rcp": "receipt", "rcv": "received", "reg": "region", "req": "request", "ret": "return",
    "rte": "route", "sal": "sale", "seq": "sequence", "shp": "shipment", "sls": "sales", "stk": "stock",
    "sup": "supplier", "tax": "tax", "trn": "transaction", "unt": "unit", "upd": "update", "usr": "user",
    "ven": "vendor", "vnd": "vendor", "whs": "warehouse", "zip": "zip", "qty": "quantity", "tot": "total",
}  # fmt: skip
_COLUMN_ENDS = {
    "amt": "amount", "bal": "balance", "cod": "code", "cde": "code", "cst": "cost", "cty": "city", "dat": "date",
    "dte": "date", "dsc": "description", "des": "description", "lim": "limit", "nam": "name", "nme": "name",
    "nbr": "number", "num": "number", "pct": "percent", "phn": "phone", "prc": "price", "qty": "quantity",
    "sts": "status", "tot": "total", "typ": "type", "zip": "zip", "adr": "address", "cls": "class", "reg": "region",
    "sta": "state", "ord": "ordered", "shp": "shipped", "rcv": "received",
}  # fmt: skip
_AFTER_ANYTHING = frozenset(("num", "nbr", "cod", "cde", "nam", "nme", "dsc"))
_TABLE_ENDS = {
    "mast": "master", "mstr": "master", "mst": "master", "hdr": "header", "dtl": "detail", "det": "detail",
    "hist": "history", "hst": "history", "trans": "transaction", "tran": "transaction", "trn": "transaction",
    "trx": "transaction", "bal": "balance", "clas": "class", "cls": "class", "typ": "type", "lin": "line",
    "pmt": "payment", "cat": "category", "adr": "address", "addr": "address",
}  # fmt: skip
_CODE = 3
_LONGEST = 9


def is_code(piece: str) -> bool:
    """Whether a few letters are a code that such systems use: `inv`, `cus`, `itm`."""
    return piece in _CODES


@lru_cache(maxsize=65536)
def apart(word: str) -> tuple[str, ...]:
    """The English words of a lower-case word that is two codes: `cusnum` -> customer, number; `custmast` -> customer,
    master. Empty where it is none."""
    if not 2 * _CODE <= len(word) <= _LONGEST or not word.isalpha():
        return ()
    if len(word) == 2 * _CODE and (end := _COLUMN_ENDS.get(word[_CODE:])):
        first = _CODES.get(word[:_CODE])
        if first is not None or (word[_CODE:] in _AFTER_ANYTHING and not set("aeiou") & set(word[1:_CODE])):
            return (_meant(first or word[:_CODE], end), end)
    for size in (5, 4, 3):
        if (end := _TABLE_ENDS.get(word[-size:])) and (first := _CODES.get(word[:-size])):
            return (_meant(first, end), end)
    return ()


def _meant(first: str, end: str) -> str:
    """Sales have amounts; numbers, names and master files have those who sell."""
    return "salesperson" if first == "sales" and end in {"master", "number", "name", "code"} else first
