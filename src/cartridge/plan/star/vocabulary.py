"""Words of business schemas, in the singular. They are signals among others, never the whole decision.

Collected from the way operational systems, data-modelling textbooks and loaders name things; no list is complete, and
every rule that reads one must also hold where the word is missing.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRANSACTIONS = _words("""
    absence adjustment admission adoption allocation answer appointment attempt attendance award bet bid bill billing
    booking call cancellation case charge checkin checkout checkup claim commit completion consultation consumption
    contribution conversion crash debit delinquency delivery deal deposit diagnosis disbursement discharge dispatch
    dispute distribution donation download drawdown encounter enrollment enrolment entry exchange exam examination
    execution expense fill fine flight fulfillment fulfilment game grade hire incident inspection installment instalment
    interaction interview investment invoice issue journey journal ledger loan login match measurement meeting message
    movement observation opportunity order outage payment payout payroll performance play posting prediction
    prescription procedure purchase quotation quote race rating reading receipt reconciliation refund registration
    redemption remittance rental repair repayment replenishment request requisition reservation response result return
    review ride round run sale sampling scan session settlement shift shipment sighting snapshot spend stay
    submission subscription survey swap task test ticket timesheet trade transaction transfer treatment trip usage
    vaccination violation visit vote withdrawal worklog workorder
""")
"""Things that happen or are done, mostly once: their rows are facts."""

EVENTS = _words("""
    action activity alert bounce change click comment email event hit history impression interaction log login logout
    message notification open pageview post push reaction session signup swipe view visit
""")
"""Things that happen and mostly carry nothing to sum."""

LINES = _words("line item detail entry position component")
"""Last words of the rows inside a document (`order_item`); alone they say nothing."""

ENTITIES = _words("""
    account actor administrator advertiser agency agent aircraft airline airport album app applicant area article
    artist asset athlete author band bank book brand branch building business buyer campaign campus candidate
    car card carrier channel chef cinema city client clinic club college company consultant consumer contact
    container contract contractor coupon course courier creator customer dealer department device diner
    director doctor driver drug
    employee employer engineer equipment facility family farm film firm franchise guest hospital hotel household
    individual ingredient institution instructor insurer item league lender lecturer lesson library machine
    manager manufacturer material medication medicine member merchant model movie musician nurse office operator
    organisation organization owner page park part participant partner passenger patient person pet physician pilot
    plan plane planet plant player podcast policy portfolio practitioner producer product professor profile program
    programme project promotion property provider publication publisher pupil recipe recipient repository restaurant
    resource room route salesperson school season seller sensor series service ship shipper shop show sku song
    sponsor staff stadium station stock stop store storefront stream student subject subscriber supplier symbol
    taxpayer teacher team technician tenant theater theatre title tool tournament track trader train trainer truck
    university user variant vehicle vendor venue vessel volunteer voter warehouse website wholesaler worker writer
""")
"""Things that exist and that facts are about."""

CLASSES = _words("""
    category class classification code color colour condition currency degree format frequency gender genre grade group
    grouping kind label language level medium method mode occupation period pipeline priority purpose quality
    rank reason role seniority severity shape size source specialty stage state status style subcategory
    tag term terminology tier type unit uom version
""")
"""Words of lists of values: their tables are folded into what refers to them."""

PLACES = _words("""
    address area city continent country county district geography geolocation location municipality nation neighborhood
    neighbourhood place postcode province region state territory town zip zipcode
""")
"""Levels of geography, folded along their chain."""

MAINSTAYS = _words("""
    account client customer department employee patient product shop staff store student supplier user vendor
""")
"""Things that people analyse by, however little their own table says."""

ENTITY_WORDS = ENTITIES - PLACES - CLASSES

PEOPLE = _words("user usr employee staff member admin administrator")
"""Who is given a role in the application."""

ACCESS = _words("acl authority capability entitlement grant permission privilege scope")
"""Who may do what in the application."""

SETTINGS = _words("""
    config configuration constant control default feature flag locale param parameter preference setting
    switch toggle variable
""")
"""Last words of tables that configure the application. Some are business words too, so more than the word is needed."""

CONTENT = _words("""
    alias asset attachment attribute avatar banner blob document draft embed embedding file image
    keyword layout media meta metadata metafield note photo
    picture preview redirect slug template thumbnail translation upload video widget
""")
"""What hangs on a business row and is not counted or summed by anybody."""

LEFTOVERS = _words("archive archived backup bak bkp copy deleted deprecated obsolete old scratch temp tmp trash unused")
"""First or last words of tables that hold what another table held."""

MACHINERY = _words("""
    audit cache cron daemon dbo diagnostics error exception heartbeat import index job lock log metric migration mutex
    oauth outbox patch queue replication schedule scheduler schema seed sequence sync sys system throttle token trace
    webhook worker
""")
"""Words of the application's own machinery: a table named by two of them, or by one alone, is technical."""

LOADER_TABLES = _words("""
    _dlt_loads _dlt_version _dlt_pipeline_state fivetran_audit fivetran_audit_warning airbyte_raw hevo_ingestion
    _sdc_batched _sdc_primary_keys _sdc_rejected
""")

FRAMEWORK_TABLES = _words("""
    schema_migrations ar_internal_metadata alembic_version alembic_versions flyway_schema_history schema_version
    databasechangelog databasechangeloglock __efmigrationshistory __migrationhistory knex_migrations
    knex_migrations_lock migrations migration_versions doctrine_migration_versions phinxlog goose_db_version
    sequelizemeta typeorm_metadata _prisma_migrations django_migrations django_content_type django_session
    django_admin_log django_site auth_permission auth_group auth_group_permissions auth_user_groups
    auth_user_user_permissions authtoken_token sysdiagrams dtproperties sqlite_sequence sqlite_stat1 spatial_ref_sys
    geometry_columns geography_columns raster_columns raster_overviews pg_stat_statements awbuildversion databaselog
    errorlog failed_jobs job_batches jobs cache cache_locks password_resets password_reset_tokens
    personal_access_tokens oauth_access_tokens oauth_access_grants oauth_applications oauth_auth_codes oauth_clients
    oauth_refresh_tokens telescope_entries sessions session delayed_jobs oban_jobs oban_peers good_jobs que_jobs
    active_storage_blobs active_storage_attachments active_storage_variant_records action_text_rich_texts
    action_mailbox_inbound_emails friendly_id_slugs versions audits pg_search_documents flipper_features flipper_gates
    ahoy_messages noticed_events noticed_notifications blazer_audits blazer_checks blazer_dashboards
    blazer_dashboard_queries blazer_queries plan_table dual
""")
"""Tables that frameworks, databases and migration tools make in every application that uses them."""

FRAMEWORK_PREFIXES = (
    "_dlt_", "_airbyte_", "airbyte_internal", "_fivetran", "fivetran_", "_sdc_", "django_celery_", "celery_",
    "solid_queue_", "solid_cache_", "solid_cable_", "action_mailbox_", "active_storage_", "action_text_", "pg_",
    "sqlite_", "sys_", "dba_", "hangfire", "qrtz_", "aspnet_", "__", "flyway_", "databasechangelog", "oauth_",
)  # fmt: skip

# ------------------------------------------------------------------ columns

SECRETS = _words("""
    password passwd pwd passphrase salt secret pin cvv cvc ssn otp credential passcode hash digest cipher apikey
    privatekey token
""")
"""A column with one of these words holds what no mart should show."""

LOADER_COLUMN_PREFIXES = ("_fivetran", "_airbyte", "_dlt", "_sdc", "_hevo", "__hevo", "_etl", "_rivery", "_portable")
LOADER_WORDS = _words("etl loaded ingested ingestion batched synced extracted load ingest dwh warehoused")

PERSONAL = _words("""
    email firstname lastname surname forename birthdate birthday dob phone mobile fax telephone maiden gender ssn
    username nickname
""")

UPDATES = _words("updated update modified modify changed edited touched synced refreshed")
INSERTS = _words("created create inserted insert added creation")
"""Words of the moments and people of a row's own life in the application, not of the business."""

LIFE = _words("""
    activated anniversary archived available birth birthday born confirmed current death deactivated debut deceased
    deleted died discontinued disabled dob dod effective established expire expired expires expiration expiry founded
    hire hired inception introduced invitation invited issued joined last launch locked
    manufactured opened published release
    released remember renewal reset retired seen sell sent signin signup since terminated trial valid
    verified
""")
"""Words of dates that describe a thing; a fact's date says when something happened."""

NOT_MEASURES = _words("""
    age birth channel code continent day decade digit dow extension fax flag floor geo grade hour id index isbn key lat
    latitude level lng lon long longitude minute mobile month nbr no number ordinal order page parent phone port
    position postal postcode precision priority quarter qtr rank revision room row scale seq sequence slot sort ssn
    status step telephone timezone type version week weekday x y year z zip zipcode zone
""")
"""Numbers that name, order or place something."""

RATES = _words("""
    average avg coefficient degree discount factor fraction high interest low margin max maximum mean median min minimum
    multiplier pct per percent percentage price probability rate rating ratio score share standard temperature unit
    msrp markup yield
""")
"""Numbers that must not be added up."""

TOTALS = _words("amount amt ext extended gross line net paid subtotal sub sum total")
"""Words that turn a price or rate into something that may be added up."""

STOCKS = _words("""
    available balance backlog capacity headcount inventory outstanding stock onhand occupancy remaining reserve
    population
""")
"""Levels at a moment: added up over anything but time."""

FLOWS = _words("""
    amount amt assist bytes charge charged clicks commission consumption conversions cost count credit debit deaths
    deposit distance donated donation duration earned earning earnings elapsed expense fare fee fees freight gain goal
    gross hits hours impressions income kilometers km loss losses miles milliseconds minutes money net paid
    payment payout point points premium profit proceeds qty quantities quantity received refund refunded revenue runs
    salary sale sales seconds sent shipping sold spend spent subtotal sum surcharge tax taxes tickets tip tips toll
    total turnover units usage value views volume votes wage wages wins
""")
"""Amounts, counts and durations of what happened."""

QUANTITIES = _words("quantity qty units count pieces")
NAMES = _words("name title label caption headline heading")
NAME_PREFIXES = _words("""
    first last full display company given family sur middle short long common formal official legal trade user nick
    english primary original preferred business
""")

NOISE_FIRST = _words("tbl tb tab table t stg staging raw src vw v dim fact fct f d ods dwh")
NOISE_LAST = _words("tbl table mst mstr master tab hdr header headers basics data dataset datasets csv")

ABBREVIATIONS = {
    "acct": "account", "acc": "account", "addr": "address", "adr": "address", "adj": "adjustment", "amt": "amount",
    "appt": "appointment", "art": "article", "cat": "category", "cntry": "country", "ctry": "country", "cd": "code",
    "cfg": "config", "cmpny": "company", "cust": "customer", "cstmr": "customer", "dept": "department",
    "dest": "destination", "det": "detail", "dtl": "detail", "dtls": "details", "emp": "employee", "empl": "employee",
    "grp": "group", "hist": "history", "inv": "invoice", "itm": "item", "loc": "location", "manu": "manufacturer",
    "mfr": "manufacturer", "mgr": "manager", "msg": "message", "nbr": "number", "ord": "order", "ordr": "order",
    "org": "organization", "pat": "patient", "pmt": "payment", "pymt": "payment", "pers": "person",
    "po": "purchase_order",
    "prd": "product", "prod": "product", "prdct": "product", "pur": "purchase", "purch": "purchase", "qty": "quantity",
    "rcpt": "receipt", "rgn": "region", "rsv": "reservation", "shpmt": "shipment", "shp": "shipment",
    "so": "sales_order",
    "subs": "subscription", "sup": "supplier", "supp": "supplier", "svc": "service", "trans": "transaction",
    "trx": "transaction", "txn": "transaction", "tran": "transaction", "typ": "type", "usr": "user", "vend": "vendor",
    "vndr": "vendor", "wh": "warehouse", "whs": "warehouse", "whse": "warehouse", "wrhs": "warehouse",
}  # fmt: skip
"""Short forms that common usage gives one meaning in table names. `inv` reads inventory where the schema says so."""

NOUNS = TRANSACTIONS | EVENTS | LINES | ENTITIES | CLASSES | PLACES
