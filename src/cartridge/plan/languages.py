"""Business words of other languages of Europe: what they mean in English, and how they form their plural.

Tables are called `Kunden`, `commandes` or `detalle_pedido` in many a database. Meanings serve the search for roles and
measures alone: names of models keep the words of the source. Only words that are no English ones stand here (the
German `Art`, the French `note` do not), so that no English name is misread. Ordinary words of trade, staff, care and
teaching, collected from the way such systems name their tables; a rule that reads them must hold without them too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_GERMANIC = """
customer: kunde/kunden klant/klanten debitor/debitoren | order: auftrag/auftraege bestellung/bestellungen
bestelling/bestellingen | invoice: rechnung/rechnungen factuur/facturen faktura/fakturen | payment: zahlung/zahlungen
betaling/betalingen | line: posten/posten zeile/zeilen orderregel/orderregels
product: produkt/produkte erzeugnis/erzeugnisse | item: artikel/artikel ware/waren | supplier: lieferant/lieferanten
leverancier/leveranciers kreditor/kreditoren | manufacturer: hersteller/hersteller | brand: marke/marken
category: kategorie/kategorien warengruppe/warengruppen | group: gruppe/gruppen | employee: mitarbeiter/mitarbeiter
angestellter/angestellte medewerker/medewerkers | department: abteilung/abteilungen afdeling/afdelingen
salesperson: vertreter/vertreter verkaeufer/verkaeufer | supervisor: vorgesetzter/vorgesetzte | user:
benutzer/benutzer nutzer/nutzer gebruiker/gebruikers | role: rolle/rollen | permission: berechtigung/berechtigungen
setting: einstellung/einstellungen | log: protokoll/protokolle | company: firma/firmen unternehmen/unternehmen
store: filiale/filialen winkel/winkels | warehouse: lager/lager magazijn/magazijnen lagerort/lagerorte
movement: bewegung/bewegungen | delivery: lieferung/lieferungen levering/leveringen | shipment: sendung/sendungen
versand/versand | booking: buchung/buchungen boeking/boekingen | reservation: reservierung/reservierungen
quote: angebot/angebote offerte/offertes | contract: vertrag/vertraege | account: konto/konten | return:
retoure/retouren | refund: gutschrift/gutschriften | complaint: reklamation/reklamationen | sale:
verkauf/verkaeufe verkoop/verkopen | purchase: einkauf/einkaeufe | country: land/laender | city: stadt/staedte
ort/orte | region: gebiet/gebiete | address: anschrift/anschriften adresse/adressen adres/adressen
language: sprache/sprachen | currency: waehrung/waehrungen | vehicle: fahrzeug/fahrzeuge | trip: fahrt/fahrten
patient: patient/patienten | doctor: arzt/aerzte | appointment: termin/termine | treatment: behandlung/behandlungen
diagnosis: diagnose/diagnosen | prescription: rezept/rezepte | student: schueler/schueler | teacher: lehrer/lehrer
course: kurs/kurse | school: schule/schulen | project: projekt/projekte | event: veranstaltung/veranstaltungen
ereignis/ereignisse | contact: ansprechpartner/ansprechpartner | member: mitglied/mitglieder | date: datum/datum
year: jahr/jahre | month: monat/monate | amount: betrag/betraege bedrag/bedragen
quantity: menge/mengen anzahl/anzahlen stueckzahl/stueckzahlen aantal/aantallen | price: preis/preise prijs/prijzen
cost: kosten/kosten | fee: gebuehr/gebuehren | tax: steuer/steuern mwst/mwst | discount: rabatt/rabatte
korting/kortingen skonto/skonti | revenue: umsatz/umsaetze omzet/omzetten | profit: gewinn/gewinne
total: gesamt/gesamt
summe/summen | stock: bestand/bestaende voorraad/voorraden | balance: saldo/salden | weight: gewicht/gewichte | number:
nummer/nummern | name: bezeichnung/bezeichnungen naam/namen | firstname: vorname/vornamen voornaam/voornamen |
lastname: nachname/nachnamen achternaam/achternamen | description: beschreibung/beschreibungen | phone:
telefon/telefone telefoon/telefoons | street: strasse/strassen straat/straten | type: typ/typen | status:
zustand/zustaende | birth: geburt/geburten | hire: eintritt/eintritte | due: faelligkeit/faelligkeiten
"""
_ROMANCE = """
customer: cliente/clientes cliente/clienti | order: commande/commandes pedido/pedidos orden/ordenes ordine/ordini
encomenda/encomendas | invoice: facture/factures factura/facturas fattura/fatture fatura/faturas | payment:
paiement/paiements pago/pagos pagamento/pagamenti pagamento/pagamentos | line: ligne/lignes linea/lineas linha/linhas
riga/righe | detail: detalle/detalles dettaglio/dettagli detalhe/detalhes | product: produit/produits
producto/productos produto/produtos prodotto/prodotti | item: articulo/articulos artigo/artigos articolo/articoli
| supplier: fournisseur/fournisseurs proveedor/proveedores fornecedor/fornecedores fornitore/fornitori
manufacturer: fabricant/fabricants fabricante/fabricantes | brand: marque/marques marca/marcas | category:
categorie/categories categoria/categorias categoria/categorie | group: groupe/groupes grupo/grupos gruppo/gruppi
employee: employe/employes salarie/salaries empleado/empleados funcionario/funcionarios dipendente/dipendenti
department: departamento/departamentos dipartimento/dipartimenti | salesperson: vendeur/vendeurs vendedor/vendedores
| supervisor: responsable/responsables jefe/jefes | user: utilisateur/utilisateurs usuario/usuarios utente/utenti
permission: permiso/permisos permissao/permissoes | setting: parametre/parametres configuracion/configuraciones
configuracao/configuracoes | company: empresa/empresas societe/societes azienda/aziende | store: magasin/magasins
tienda/tiendas loja/lojas negozio/negozi sucursal/sucursales | warehouse: entrepot/entrepots almacen/almacenes
magazzino/magazzini | movement: mouvement/mouvements movimiento/movimientos movimento/movimentos | delivery:
livraison/livraisons entrega/entregas consegna/consegne | shipment: envio/envios expedition/expeditions
spedizione/spedizioni | carrier: transporteur/transporteurs transportista/transportistas | reservation:
reserva/reservas prenotazione/prenotazioni | quote: devis/devis cotizacion/cotizaciones | contract: contrat/contrats
contrato/contratos contratto/contratti | account: compte/comptes cuenta/cuentas conta/contas conto/conti | return:
retour/retours devolucion/devoluciones devolucao/devolucoes | refund: remboursement/remboursements reembolso/reembolsos
| review: avis/avis resena/resenas | sale: vente/ventes venta/ventas venda/vendas vendita/vendite | purchase:
achat/achats compra/compras acquisto/acquisti | transaction: transaccion/transacciones transacao/transacoes
| country: pays/pays pais/paises paese/paesi | city: ville/villes ciudad/ciudades cidade/cidades citta/citta | province:
provincia/provincias provincia/province | address: direccion/direcciones endereco/enderecos indirizzo/indirizzi
| language: langue/langues idioma/idiomas | currency: devise/devises moneda/monedas moeda/moedas | vehicle:
vehicule/vehicules vehiculo/vehiculos veiculo/veiculos | trip: viaje/viajes viagem/viagens trajet/trajets | patient:
paciente/pacientes paziente/pazienti | doctor: medecin/medecins medico/medicos medico/medici | appointment: cita/citas
| visit: consulta/consultas visite/visites | diagnosis: diagnostico/diagnosticos | prescription: ordonnance/ordonnances
receta/recetas | medication: medicament/medicaments medicamento/medicamentos | specialty: especialidad/especialidades
especialidade/especialidades | insurer: aseguradora/aseguradoras assureur/assureurs | policy: poliza/polizas
claim: sinistre/sinistres siniestro/siniestros | student: eleve/eleves etudiant/etudiants alumno/alumnos
aluno/alunos estudiante/estudiantes | teacher: professeur/professeurs profesor/profesores docente/docentes | course:
curso/cursos corso/corsi | registration: matricula/matriculas | loan: prestamo/prestamos emprestimo/emprestimos |
room: chambre/chambres habitacion/habitaciones | guest: huesped/huespedes | project: projet/projets proyecto/proyectos
projeto/projetos | date: fecha/fechas | year: annee/annees | month: mois/mois | amount: montant/montants
importe/importes monto/montos importo/importi valor/valores | quantity: quantite/quantites cantidad/cantidades
quantidade/quantidades quantita/quantita | price: prix/prix precio/precios preco/precos prezzo/prezzi | cost:
cout/couts costo/costos custo/custos | fee: frais/frais honorario/honorarios | tax: taxe/taxes impuesto/impuestos
imposto/impostos tva/tva iva/iva | rate: taux/taux tasa/tasas | discount: remise/remises descuento/descuentos
desconto/descontos sconto/sconti | salary: salaire/salaires salario/salarios sueldo/sueldos stipendio/stipendi |
stock: existencia/existencias estoque/estoques giacenza/giacenze | balance: solde/soldes saldo/saldos | weight:
poids/poids peso/pesos | number: numero/numeros | name: nom/noms nombre/nombres nome/nomes libelle/libelles |
firstname: prenom/prenoms | lastname: apellido/apellidos sobrenome/sobrenomes cognome/cognomi | description:
descripcion/descripciones descricao/descricoes descrizione/descrizioni | email: courriel/courriels correo/correos |
phone: telefono/telefonos telefono/telefoni | password: contrasena/contrasenas senha/senhas |
type: tipo/tipos | status: estado/estados statut/statuts | method: forma/formas | birth: naissance/naissances
nacimiento/nacimientos | hire: embauche/embauches | unit: unitaire/unitaires unitario/unitarios unidad/unidades
"""
_OTHER = """
updated: geaendert modifie modificado actualizado aktualisiert | created: angelegt erstellt cree creado criado |
unit: einzel stueck | net: netto neto | gross: brutto bruto | delivery: liefer | sale: verkaufs |
purchase: einkaufs | active: aktiv actif activo ativo | locked: gesperrt
"""
"""Words that stand before or beside others and have no plural of their own here."""

_HEADS_ONLY = """
position: position/positionen | type: art/arten | value: wert/werte | rate: satz/saetze | list: liste/listen |
number: nr/nr | name: name/namen | time: zeit/zeiten | note: notiz/notizen | level: stufe/stufen | plan: plan/plaene
"""
"""German words that are English ones too, or say little alone: read behind a known word only (`Zahlungsarten`)."""

_LINKS = ("s", "en", "n", "es", "")
"""Letters that German puts between the words of a compound: `Auftrag-s-datum`."""
_SHORTEST_HEAD = 5
_NO_HEADS = frozenset({"lager"})
"""Words that English ones end in too: `villager`."""
_ENDINGS = frozenset({"id", "key", "code", "nr", "no", "num", "uuid", "guid", "at", "ts", "flag"})
"""Last words that say what a column is, whatever stands before them: `commande_id`."""
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PLURAL_ENDINGS = (
    (r"(?<=.{3})(ung|heit|keit|schaft)$", r"\1en"),
    (r"(?<=.{3})cion$", "ciones"),
    (r"(?<=.{3})zione$", "zioni"),
)
"""Endings that English words do not have."""
_SINGULAR_ENDINGS = (
    (r"(?<=.{3})(ung|heit|keit|schaft)en$", r"\1"),
    (r"(?<=.{3})ciones$", "cion"),
    (r"(?<=.{3})zioni$", "zione"),
)


def _pairs(text: str) -> list[tuple[str, str, str]]:
    """(English word, singular, plural) of every entry."""
    found = []
    english = ""
    for part in text.replace("|", " ").split():
        if part.endswith(":"):
            english = part[:-1]
        else:
            word, _, many = part.partition("/")
            found.append((english, word, many or word))
    return found


_GERMANIC_PAIRS, _ROMANCE_PAIRS, _OTHER_PAIRS = _pairs(_GERMANIC), _pairs(_ROMANCE), _pairs(_OTHER)
_PAIRS = [*_GERMANIC_PAIRS, *_ROMANCE_PAIRS][::-1]  # of two languages, the first keeps a word
_ENGLISH_TOO = frozenset({"land", "patient", "categories", "province", "salaries", "expedition", "taxes"})
_MEANING = {
    form: english for english, one, many in (*_OTHER_PAIRS, *_PAIRS) for form in (one, many) if form not in _ENGLISH_TOO
}
_SINGULAR = {many: one for _, one, many in _PAIRS if many not in _ENGLISH_TOO}
_PLURAL = {one: many for _, one, many in _PAIRS if one not in _ENGLISH_TOO}
_LAST_PAIRS = [
    *(pair for pair in _GERMANIC_PAIRS if len(pair[1]) >= _SHORTEST_HEAD and pair[1] not in _NO_HEADS),
    *_pairs(_HEADS_ONLY),
]
_HEAD_MEANING = {form: english for english, one, many in _LAST_PAIRS for form in (one, many)}
_HEAD_SINGULAR = {many: one for _, one, many in _LAST_PAIRS}
_HEAD_PLURAL = {one: many for _, one, many in _LAST_PAIRS}
_ONLY = frozenset(form for _, one, many in _pairs(_HEADS_ONLY) for form in (one, many))
_BY_ENDING: dict[str, list[str]] = {}
for _form in sorted(_HEAD_MEANING, key=lambda form: (-len(form), form)):
    _BY_ENDING.setdefault(_form[-2:], []).append(_form)
_HEAD_FIRST = frozenset(form for _, one, many in _ROMANCE_PAIRS for form in (one, many)) - _ENGLISH_TOO


@lru_cache(maxsize=65536)
def folded(word: str) -> str:
    """The word as it is looked up: without accents, umlauts written out."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).translate(_FOLDED))
    return "".join(char for char in apart if not unicodedata.combining(char))


@lru_cache(maxsize=65536)
def english(word: str) -> tuple[str, ...]:
    """What a lower-case word of another language means, in English singulars; empty where it is not known.

    `kunden` -> customer; `rechnungsdatum` -> invoice, date; `lignes` -> line. A German compound of which only the end
    is known keeps its beginning: `warenausgangsdatum` -> warenausgang, date.
    """
    plain = folded(word)
    if plain in _MEANING:
        return (_MEANING[plain],)
    first, head = _compound(plain)
    return (_MEANING.get(first, first), _HEAD_MEANING[head]) if head else ()


def meanings(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """A name's words in English order, where one of them is of another language; None where none is.

    French, Italian, Portuguese and Spanish say the thing first and then of what: `lignes commande` -> order, line;
    `fecha pedido` -> order, date.
    """
    known = [english(word) for word in words]
    if not any(known):
        return None
    said = [found or (word,) for found, word in zip(known, words, strict=True)]
    if is_head_first(words):
        said.reverse()
    return tuple(part for parts in said for part in parts)


def is_head_first(words: tuple[str, ...]) -> bool:
    """Whether a name of several words begins with the thing it is about: `detalle_pedido`, not `order_detalle`."""
    return len(words) > 1 and words[-1] not in _ENDINGS and folded(words[0]) in _HEAD_FIRST


def foreign_singular(word: str) -> str | None:
    """The singular of a word of another language, in either number; None where it is not known."""
    return _changed(word, (_SINGULAR, _PLURAL), (_HEAD_SINGULAR, _HEAD_PLURAL), _SINGULAR_ENDINGS)


def foreign_plural(word: str) -> str | None:
    """The plural of a word of another language, in either number; None where it is not known."""
    return _changed(word, (_PLURAL, _SINGULAR), (_HEAD_PLURAL, _HEAD_SINGULAR), _PLURAL_ENDINGS)


_Forms = tuple[dict[str, str], dict[str, str]]
"""From the one number to the other, and back."""


def _changed(word: str, whole: _Forms, heads: _Forms, endings: tuple[tuple[str, str], ...]) -> str | None:
    plain = folded(word)
    for end, (forms, already) in ((plain, whole), (_compound(plain)[1], heads)):
        if end and end in forms:
            return word if forms[end] == end else plain.removesuffix(end) + forms[end]
        if end and end in already:
            return word
    for ending, instead in endings:
        changed, count = re.subn(ending, instead, plain)
        if count:
            return changed
    return None


@lru_cache(maxsize=65536)
def _compound(plain: str) -> tuple[str, str]:
    """A German compound as its beginning, without the letters that link, and its last word; empty where it is none."""
    for head in _BY_ENDING.get(plain[-2:], ()) if len(plain) > _SHORTEST_HEAD else ():
        before = plain.removesuffix(head)
        if before == plain or len(before) < len("tax"):
            continue
        stems = [before.removesuffix(link) for link in _LINKS if before.endswith(link)]
        known = next((stem for stem in stems if stem in _MEANING), "")
        if known or head not in _ONLY:
            return known or before, head
    return "", ""
