"""Names of other languages keep their words and take the plural of their own; English ones are not touched."""

from __future__ import annotations

import pytest

from cartridge.plan.keys import find_keys
from cartridge.plan.languages import english, meanings
from cartridge.plan.star import design_star
from cartridge.plan.words import plural, singular
from schemas import read_schema

SHOPS = {
    "german": """
        Kunden(KundenNr pk, Nachname, OrtID -> Orte)
        Orte(OrtID pk, Bezeichnung)
        Auftraege(AuftragNr pk, KundenNr -> Kunden, Auftragsdatum date, Gesamtbetrag num)
        Auftragspositionen(AuftragNr pk -> Auftraege, PositionNr pk int, Menge num, Einzelpreis num)
    """,
    "french": """
        clients(id_client pk, nom, id_ville -> villes)
        villes(id_ville pk, nom_ville)
        commandes(id_commande pk, id_client -> clients, date_commande date, montant_total num)
        lignes_commande(id_ligne pk, id_commande -> commandes, quantite int, prix_unitaire num)
    """,
}
NAMES = {
    "german": {"kunden", "auftraege", "auftragspositionen", "dates"},
    "french": {"clients", "commandes", "lignes_commande", "dates"},
}


@pytest.mark.parametrize("word", ["villager", "start", "exposition", "note", "order", "hardware", "patients"])
def test_english_words_are_left_alone(word: str) -> None:
    assert english(word) == ()


def test_compounds_and_heads_are_read_in_their_own_order() -> None:
    assert meanings(("auftragspositionen",)) == ("order", "position")
    assert meanings(("lignes", "commande")) == ("order", "line")
    assert meanings(("commande", "id")) == ("order", "id")
    assert meanings(("order", "line")) is None


@pytest.mark.parametrize(
    ("one", "many"), [("kunde", "kunden"), ("ligne_commande", "lignes_commande"), ("pays", "pays"), ("cita", "citas")]
)
def test_plurals_follow_the_language(one: str, many: str) -> None:
    assert (singular(many), plural(one), plural(many)) == (one, many, many)


@pytest.mark.parametrize("language", SHOPS)
def test_the_star_of_a_shop_is_the_same_in_any_language(language: str) -> None:
    schema = read_schema(SHOPS[language])
    design = design_star(schema.tables, find_keys(schema.tables))
    assert {mart.name for mart in design.marts} == NAMES[language]
    assert sorted(mart.kind for mart in design.marts) == ["date", "dimension", "fact", "fact"]
