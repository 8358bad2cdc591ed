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
    contribution conversion crash deal debit delinquency delivery deposit diagnosis disbursement discharge dispatch
    dispute distribution donation download drawdown encounter enrollment enrolment entry exam examination exchange
    execution expense fill fine flight fulfillment fulfilment game grade hire incident inspection installment
    instalment interaction interview investment invoice issue journal journey ledger loan login match measurement
    meeting message movement observation opportunity order outage payment payout payroll performance play posting
    prediction prescription procedure purchase quotation quote race rating reading receipt reconciliation redemption
    refund registration remittance rental repair repayment replenishment request requisition reservation response
    result return review ride round run sale sampling scan session settlement shift shipment sighting snapshot spend
    stay submission subscription survey swap task test ticket timesheet trade transaction transfer treatment trip
    usage vaccination violation visit vote withdrawal worklog workorder
""")
"""Things that happen or are done, mostly once: their rows are facts."""

EVENTS = _words("""
    action activity alert assignment bounce change click comment conversation discussion email event history hit
    impression interaction log login logout message notification open pageview post push reaction session signup swipe
    thread view visit
""")
"""Things that happen and mostly carry nothing to sum."""

LINES = _words("component detail entry item line position")
"""Last words of the rows inside a document (`order_item`); alone they say nothing."""

ENTITIES = _words("""
    account actor administrator advertiser agency agent aircraft airline airport album apartment app applicant area
    article artist asset athlete author band bank book branch brand building business buyer campaign campus candidate
    car card carrier channel chef cinema city client clinic club college company consultant consumer contact container
    contract contractor coupon courier course creator customer dealer department device diner director doctor driver
    drug employee employer engineer equipment facility family farm film firm franchise guest hospital hotel household
    individual ingredient institution instructor insurer item league lecturer lender lesson library machine manager
    manufacturer material medication medicine member merchant model movie musician nurse office operator organisation
    organization owner page park part participant partner passenger patient person pet physician pilot plan plane
    planet plant player podcast policy portfolio practitioner producer product professor profile program programme
    project promotion property provider publication publisher pupil recipe recipient repository resource restaurant
    room route salesperson school season seller sensor series service ship shipper shop show sku song sponsor stadium
    staff station stock stop store storefront stream student subject subscriber supplier symbol taxpayer teacher team
    technician tenant theater theatre title tool tournament track trader train trainer truck university user variant
    vehicle vendor venue vessel volunteer voter warehouse website wholesaler worker writer
""")
"""Things that exist and that facts are about."""

CLASSES = _words("""
    category class classification code color colour condition currency degree format frequency gender genre grade
    group grouping kind label language level medium method mode occupation period pipeline priority purpose quality
    rank reason role seniority severity shape size source specialty stage state status style subcategory tag term
    terminology tier type unit uom version
""")
"""Words of lists of values: their tables are folded into what refers to them."""

PLACES = _words("""
    address area city continent country county district geography geolocation location municipality nation
    neighborhood neighbourhood place postcode province region state territory town zip zipcode
""")
"""Levels of geography, folded along their chain."""

BUSINESS_PLACES = _words("area location place region territory")
"""Places that a firm makes for itself (sales territories, storage locations), beside those of geography."""

MAINSTAYS = _words("""
    account client customer department employee patient product shop staff store student supplier user vendor
""")
"""Things that people analyse by, however little their own table says."""

ENTITY_WORDS = ENTITIES - PLACES - CLASSES

PEOPLE = _words("admin administrator employee member staff user usr")
"""Who is given a role in the application."""

ACCESS = _words("acl authority capability entitlement grant permission privilege scope")
"""Who may do what in the application."""

SETTINGS = _words("""
    config configuration constant control default feature flag locale param parameter preference setting switch toggle
    variable
""")
"""Last words of tables that configure the application. Some are business words too, so more than the word is needed."""

CONTENT = _words("""
    alias asset attachment attribute avatar banner blob document draft embed embedding file image keyword layout media
    meta metadata metafield note photo picture preview redirect slug template thumbnail translation upload video
    widget
""")
"""What hangs on a business row and is not counted or summed by anybody."""

LEFTOVERS = _words("""
    archive archived backup bak bkp copy deleted deprecated obsolete old scratch staging temp tmp trash unused
""")
"""First or last words of tables that hold what another table held."""

MACHINERY = _words("""
    audit cache checkpoint cron cutoff daemon dbo diagnostics error etl exception heartbeat import index job lineage
    lock log metric migration mutex oauth outbox patch queue replication scheduler schema seed sequence sync sys
    system throttle token trace watermark webhook
""")
"""Words of the application's own machinery: a table named by two of them, or by one alone, is technical."""

LOADER_TABLES = _words("""
    _dlt_loads _dlt_pipeline_state _dlt_version _sdc_batched _sdc_primary_keys _sdc_rejected airbyte_raw
    fivetran_audit fivetran_audit_warning hevo_ingestion
""")

FRAMEWORK_TABLES = _words("""
    __efmigrationshistory __migrationhistory _prisma_migrations action_mailbox_inbound_emails action_text_rich_texts
    active_storage_attachments active_storage_blobs active_storage_variant_records ahoy_messages alembic_version
    alembic_versions ar_internal_metadata auth_group auth_group_permissions auth_permission auth_user_groups
    auth_user_user_permissions authtoken_token awbuildversion blazer_audits blazer_checks blazer_dashboard_queries
    blazer_dashboards blazer_queries cache_locks databasechangelog databasechangeloglock databaselog delayed_jobs
    django_admin_log django_content_type django_migrations django_session django_site doctrine_migration_versions
    dtproperties errorlog failed_jobs flipper_features flipper_gates flyway_schema_history friendly_id_slugs
    geography_columns geometry_columns good_jobs goose_db_version job_batches knex_migrations knex_migrations_lock
    migration_versions noticed_events noticed_notifications oauth_access_grants oauth_access_tokens oauth_applications
    oauth_auth_codes oauth_clients oauth_refresh_tokens oban_jobs oban_peers password_reset_tokens password_resets
    personal_access_tokens pg_search_documents pg_stat_statements phinxlog plan_table que_jobs raster_columns
    raster_overviews schema_migrations schema_version sequelizemeta spatial_ref_sys sqlite_sequence sqlite_stat1
    sysdiagrams telescope_entries typeorm_metadata
""")
"""Tables that frameworks, databases and migration tools make in every application that uses them."""

UNREFERENCED_FRAMEWORK_TABLES = _words("audits cache dual jobs migrations session sessions versions")
"""Names of frameworks that are also words of business: only where no key leads to the table or from it."""

LOADER_MARKS = frozenset({"etl", "lineage", "watermark", "audit", "webhook", "migration", "cron", "oauth"})

FRAMEWORK_PREFIXES = (
    "_dlt_", "_airbyte_", "airbyte_internal", "_fivetran", "fivetran_", "_sdc_", "django_celery_", "celery_",
    "solid_queue_", "solid_cache_", "solid_cable_", "action_mailbox_", "active_storage_", "action_text_", "pg_",
    "sqlite_", "sys_", "dba_", "hangfire", "qrtz_", "aspnet_", "__", "flyway_", "databasechangelog", "oauth_",
)  # fmt: skip

FRAMEWORK_SCHEMAS = _words("auth cron hangfire net pgboss pgsodium quartz realtime vault") | {
    "graphile_worker", "hdb_catalog", "supabase_functions", "supabase_migrations",
}  # fmt: skip
"""Schemas that platforms (Supabase, Hasura) and job queues keep beside those of the business; who logs in stands there
too."""

# ------------------------------------------------------------------ columns

SECRETS = _words("""
    apikey cipher credential cvc cvv digest hash otp passcode passphrase passwd password pin privatekey pwd salt
    secret ssn token
""")
"""A column with one of these words holds what no mart should show."""

LOADER_COLUMN_PREFIXES = ("_fivetran", "_airbyte", "_dlt", "_sdc", "_hevo", "__hevo", "_etl", "_rivery", "_portable")

PERSONAL = _words("""
    birthdate birthday dob email fax firstname forename gender lastname maiden mobile nickname phone ssn surname
    telephone username
""")

UPDATES = _words("changed edited modified modify refreshed synced touched update updated")
INSERTS = _words("added create created creation insert inserted")
"""Words of the moments and people of a row's own life in the application, not of the business."""

LIFE = _words("""
    activated anniversary archived available birth birthday born canceled cancelled confirmed current deactivated
    death debut deceased deleted died disabled discarded discontinued dob dod effective established expiration expire
    expired expires expiry founded hire hired inception introduced invitation invited issued joined last launch locked
    manufactured opened published release released remember renewal reset retired seen sell sent signin signup since
    terminated termination trial valid verified
""")
"""Words of dates that describe a thing; a fact's date says when something happened."""

NOT_MEASURES = _words("""
    age birth channel code continent day decade digit dow extension fax flag floor geo grade hour id index isbn key
    lat latitude level lng lon long longitude minute mobile month nbr no number order ordinal page parent phone port
    position postal postcode precision priority qtr quarter rank revision room row scale seq sequence slot sort ssn
    status step telephone timezone type version week weekday x y year z zip zipcode zone
""")
"""Numbers that name, order or place something."""

RATES = _words("""
    average avg coefficient degree discount factor fraction high interest low margin markup max maximum mean median
    min minimum msrp multiplier pct per percent percentage price probability rate rating ratio score share standard
    temperature unit yield
""")
"""Numbers that must not be added up."""

TOTALS = _words("amount amt ext extended gross line net paid sub subtotal sum tot total")
"""Words that turn a price or rate into something that may be added up."""

WHOLE = _words("ext extended gross line net sub subtotal sum tot total")
"""The same beside the price of one: `unit_price_total`."""

STOCKS = _words("""
    arr available backlog balance capacity headcount inventory mrr occupancy onhand outstanding population remaining
    reserve stock
""")
"""Levels at a moment: added up over anything but time."""

FLOWS = _words("""
    amount amt assist bytes cents charge charged clicks commission consumption conversions cost count credit deaths
    debit deposit distance donated donation duration earned earning earnings elapsed expense fare fee fees freight gain
    goal gross hits hours impressions income kilometers km loss losses miles milliseconds minutes money net paid payment
    payout point points premium proceeds profit qty quantities quantity received refund refunded revenue runs salary
    sale sales seconds sent shipping sold spend spent subtotal sum surcharge tax taxes tickets tip tips toll total
    turnover units usage value views volume votes wage wages wins
""")
"""Amounts, counts and durations of what happened."""

DURATIONS = _words("hours hrs kilometers kilometres km miles milliseconds mins minutes nights seconds secs")
"""How long or far; in the singular these words place something (`hour`)."""

QUANTITIES = _words("count pieces qty quantity units")
NAMES = _words("caption heading headline label name title")
NAME_PREFIXES = _words("""
    business common company display english family first formal full given last legal long middle nick official
    original preferred primary short sur trade user
""")

NOISE_FIRST = _words("d dim dwh f fact fct ods raw src staging stg t tab table tb tbl v vw")
NOISE_LAST = _words("basics csv data dataset datasets hdr header headers lkp lookup master mst mstr tab table tbl")

ABBREVIATIONS = {
    "acct": "account", "acc": "account", "addr": "address", "adr": "address", "adj": "adjustment", "amt": "amount",
    "appt": "appointment", "art": "article", "cat": "category", "cntry": "country", "ctry": "country", "cd": "code",
    "cfg": "config", "cmpny": "company", "cust": "customer", "cstmr": "customer", "dept": "department",
    "dest": "destination", "det": "detail", "dtl": "detail", "dtls": "details", "emp": "employee",
    "empl": "employee", "evt": "event",
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
