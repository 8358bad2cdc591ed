"""Words that say in which role a row is meant: the parent of its kind, a person who did something."""

from __future__ import annotations

from cartridge.plan.words import word_set

PARENTS = word_set("""
    parent root ancestor predecessor successor previous prev next original duplicate superseded replaced reply super
    superior base
""")
"""Roles of a row of the same table."""
KIN = word_set("spouse partner referrer referred sponsor")
"""Roles of a person towards another of the same sort."""
SUPERIORS = KIN | word_set("""
    manager supervisor boss mentor report reporting superior chief leader mgr
""")
"""Roles of a person towards another: the same table where it holds persons, else the staff."""
WORKERS = word_set("""
    rep representative salesperson salesman picker packer driver clerk agent technician cashier consultant dispatcher
    handler operator inspector seller salesrep captain pilot examiner prescriber dean tutor trainer director principal
    coordinator auditor advisor adviser
""")
"""Roles of somebody who works there."""
ACTORS = word_set("""
    author creator owner assignee assigner reporter reviewer editor approver sender recipient requester requestor
    submitter inviter follower followee modifier updater uploader commenter actor creater lead invited assigned
    created updated modified deleted approved reviewed published uploaded submitted cancelled closed opened
    verified requested resolved archived locked decided issued recorded entered signed authorized authorised
    buyer organizer organiser host
""")
"""Roles of somebody who did something, also as in `created_by`."""
PROFESSIONALS = ("doctor", "physician", "nurse", "teacher", "instructor", "professor", "lecturer", "officer")
STAFF = ("employee", "staff", "worker", "personnel", "user", "person", "people", *PROFESSIONALS)
PEOPLE = ("user", "person", "people", "account", "member", "profile", "employee", "staff", "contact", "author", "login")
"""The tables that hold persons, the likeliest first."""
SERVED = word_set("customer client patient student player guest passenger visitor subscriber")
"""Persons whose manager is no other of them, but somebody of the staff."""
PERSONS = (
    frozenset((*STAFF, *PEOPLE))
    | SERVED
    | word_set("""
    emp usr pers agent provider practitioner clinician therapist dentist pharmacist attorney lawyer driver pilot coach
    trainer broker underwriter adjuster caregiver volunteer representative consultant technician salesperson
""")
)
PERSONAL = word_set("email mail login username password firstname lastname first last phone mobile")
"""Words of columns that only persons have."""
ANYTHING = word_set("""
    item owner target source subject record object resource entity parent model reference related auditable trackable
""")
"""Words for a row of any table: beside a type, they are no key of the table that may be called so."""
ONLINE = word_set("ip mac email mail web wallet")
"""Words before an address that is no place."""
MEASURES = word_set("""
    total num count number unit amount rank quantity qty sum average avg max min percent rate
""")
"""Words of a name that counts."""
ORDERED = word_set("sort display list print menu tab column row page field item line view stack z tree run rank")
"""Words before an order that is no purchase: `sort_order`."""
RELATIVES = (
    word_set("""
    original new merged related linked source target from to replacement first last child link follower other paired
    sister brother sibling
""")
    | PARENTS
    | SUPERIORS
)
"""Roles in which a row may refer to a row of its own table."""
ELSEWHERE = word_set("legacy external ext remote old foreign former imported upstream thirdparty")
"""Words of keys that another system gave."""
ATTRIBUTES = word_set("""
    category type status state group level class kind role tag reason method mode stage priority rating rank detail
    set value option
""")
"""Words for a property that many things have: an order's status is not a task's."""
PARTS = word_set("""
    item line detail address payment option attachment entry row part note value history log comment message event
    image file translation track
""")
"""Words that call a table the parts of another."""
QUALIFIERS = word_set("""
    from to home away primary secondary main start end source destination old new origin billing shipping delivery
    invoice
""")
"""Roles that may follow the name of the table: `station_from`."""
