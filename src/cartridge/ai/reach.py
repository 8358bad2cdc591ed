"""Whether a vendor's server answers at all: one request without a key and without anything of the user's in it."""

from __future__ import annotations

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from cartridge.ai.factory import ProviderInfo
from cartridge.ai.vendors import VENDORS

PATIENCE = 3.0
"""Seconds until a server that says nothing counts as out of reach."""


def reachable(known: Sequence[ProviderInfo], base_url: str | None = None) -> dict[str, bool]:
    """By name, whether the server of a provider answers, through the proxy that the environment names.

    Only those are tried that could be asked: installed, and with a key; and the server at `base_url`, if it is given,
    as `openai-compatible`. All are tried at once.
    """
    addresses = {info.name: _address(info.name) for info in known if info.installed and info.keyed}
    if base_url is not None:
        addresses["openai-compatible"] = base_url
    return _answers({name: address for name, address in addresses.items() if address})


def _address(name: str) -> str | None:
    vendor = VENDORS.get(name)
    if vendor is None:
        return None
    return (vendor.address_variable and os.environ.get(vendor.address_variable, "").strip()) or vendor.address


def _answers(addresses: Mapping[str, str]) -> dict[str, bool]:
    found = dict.fromkeys(addresses, False)

    def look(name: str, address: str) -> None:
        found[name] = _answers_at_all(address)

    # Daemons: a name server that never answers must not keep the program from ending.
    threads = [threading.Thread(target=look, args=item, daemon=True) for item in addresses.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return dict(found)


def _answers_at_all(address: str) -> bool:
    if urlsplit(address).scheme not in ("http", "https"):
        return False
    request = urllib.request.Request(address, method="HEAD")  # noqa: S310 - http and https only
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True  # Without a key it says no, and so it is there.
    except (OSError, ValueError):
        return False
