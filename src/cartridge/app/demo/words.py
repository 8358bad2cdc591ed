"""The words that the shop is made of."""

from __future__ import annotations

COUNTRIES = (
    ("AT", "Austria", "Central Europe", "EUR"),
    ("BE", "Belgium", "Western Europe", "EUR"),
    ("CH", "Switzerland", "Central Europe", "CHF"),
    ("CZ", "Czechia", "Central Europe", "CZK"),
    ("DE", "Germany", "Central Europe", "EUR"),
    ("DK", "Denmark", "Northern Europe", "DKK"),
    ("ES", "Spain", "Southern Europe", "EUR"),
    ("FR", "France", "Western Europe", "EUR"),
    ("IT", "Italy", "Southern Europe", "EUR"),
    ("NL", "Netherlands", "Western Europe", "EUR"),
    ("PL", "Poland", "Central Europe", "PLN"),
    ("SE", "Sweden", "Northern Europe", "SEK"),
)
CITIES = {
    "AT": ("Vienna", "Graz", "Linz"),
    "BE": ("Ghent", "Antwerp", "Liège"),
    "CH": ("Zürich", "Basel"),
    "CZ": ("Brno", "Prague"),
    "DE": ("Leipzig", "Hamburg", "Freiburg", "Cologne", "Munich"),
    "DK": ("Aarhus", "Odense"),
    "ES": ("Valencia", "Bilbao", "Seville"),
    "FR": ("Lyon", "Nantes", "Lille", "Toulouse"),
    "IT": ("Turin", "Bologna", "Bari"),
    "NL": ("Utrecht", "Groningen", "Delft"),
    "PL": ("Kraków", "Gdańsk"),
    "SE": ("Malmö", "Uppsala"),
}
STREETS = (
    "Station Road", "Mill Lane", "Garden Street", "Harbour Walk", "Linden Avenue", "Old Market", "Bridge Street",
    "Chapel Hill", "School Lane", "River Row", "Orchard Close", "Tower Street",
)  # fmt: skip
FIRST_NAMES = (
    "Anna", "Bruno", "Clara", "David", "Elena", "Filip", "Greta", "Hugo", "Ines", "Jonas", "Katja", "Luca", "Marta",
    "Nils", "Olga", "Paul", "Rosa", "Simon", "Teresa", "Viktor", "Wanda", "Yann", "Zoë", "Emil", "Sofia", "Maja",
)  # fmt: skip
LAST_NAMES = (
    "Andersen", "Bianchi", "Claes", "Dubois", "Eriksson", "Ferrari", "Gruber", "Hansen", "Ivanova", "Janssen",
    "Kowalski", "Lefèvre", "Müller", "Novák", "Olsen", "Pereira", "Rossi", "Schmidt", "Torres", "Urban", "Vermeer",
    "Weber", "O'Brien", "Zimmermann", "Lindqvist", "Moreau",
)  # fmt: skip
EMPLOYEES = (
    ("Head of shop", None),
    ("Head of sales", 1),
    ("Head of warehouse", 1),
    ("Sales adviser", 2),
    ("Sales adviser", 2),
    ("Sales adviser", 2),
    ("Picker", 3),
    ("Picker", 3),
    ("Bookkeeper", 1),
)
"""(job title, id of the manager); ids count from 1."""
CATEGORIES = (
    ("Kitchen", None),
    ("Living", None),
    ("Garden", None),
    ("Cookware", 1),
    ("Tableware", 1),
    ("Coffee and tea", 1),
    ("Lighting", 2),
    ("Textiles", 2),
    ("Furniture", 2),
    ("Tools", 3),
    ("Pots and planters", 3),
)
"""(name, id of the parent); ids count from 1."""
PRODUCTS = {
    4: ("Cast iron pan", "Stock pot", "Steamer insert", "Roasting tin", "Wok", "Sauté pan"),
    5: ("Dinner plate", "Soup bowl", "Carafe", "Water glass", "Serving board", "Cutlery set"),
    6: ("Moka pot", "Tea kettle", "Coffee grinder", "French press", "Espresso cup", "Tea strainer"),
    7: ("Desk lamp", "Floor lamp", "Pendant light", "Candle holder"),
    8: ("Wool blanket", "Linen curtain", "Cushion cover", "Cotton rug", "Tea towel"),
    9: ("Side table", "Bookshelf", "Kitchen stool", "Coat stand"),
    10: ("Hand trowel", "Pruning shears", "Watering can", "Garden fork"),
    11: ("Terracotta pot", "Hanging planter", "Balcony box", "Seed tray"),
}
"""Id of the category -> names."""
FINISHES = ("white", "black", "blue", "green", "grey", "natural")
SUPPLIERS = (
    ("Fonderie du Nord", "FR"),
    ("Keramik Werkstatt Halle", "DE"),
    ("Tessitura Como", "IT"),
    ("Skandi Lys", "DK"),
    ("Holzhof Tirol", "AT"),
    ("Green Hands", "NL"),
)
TAGS = ("handmade", "organic", "dishwasher safe", "gift idea", "new", "bestseller", "recycled", "outdoor", "limited")
ORDER_STATUSES = (
    ("placed", "Placed", False),
    ("paid", "Paid", False),
    ("shipped", "Shipped", False),
    ("delivered", "Delivered", True),
    ("cancelled", "Cancelled", True),
)
COUPONS = ("WELCOME10", "SPRING15", "ADVENT5")
PAYMENT_METHODS = ("card", "card", "card", "paypal", "bank transfer", "gift card")
RETURN_REASONS = ("damaged in transit", "wrong size", "not as pictured", "ordered twice", None, None)
REFERRERS = ("search", "newsletter", "social", "partner", None, None, None)
DEVICES = ("phone", "phone", "phone", "desktop", "desktop", "tablet")
REVIEW_BODIES = (
    "Just as described, and quickly delivered.",
    "Sturdy; I would buy it again.",
    "Smaller than I thought.",
    "A present that was much liked.",
    "The colour is not that of the picture.",
    None,
    None,
    None,
)
