"""Words that say in which role a row is meant: the parent of its kind, a person who did something."""

from __future__ import annotations

from cartridge.plan.words import word_set

PARENTS = word_set("""
    parent root ancestor predecessor successor previous prev next original duplicate superseded replaced reply super
    superior base
""")
"""Roles of a row of the same table."""
SUPERIORS = word_set("""
    manager supervisor boss mentor report reporting superior chief leader spouse mgr
""")
"""Roles of a person towards another: the same table where it holds persons, else the staff."""
WORKERS = word_set("""
    rep representative salesperson salesman picker packer driver clerk agent technician cashier consultant dispatcher
    handler operator inspector seller salesrep
""")
"""Roles of somebody who works there."""
ACTORS = word_set("""
    author creator owner assignee assigner reporter reviewer editor approver sender recipient requester requestor
    submitter inviter follower followee modifier updater uploader commenter actor creater lead invited assigned
    created updated modified deleted approved reviewed published uploaded submitted cancelled closed opened
    verified requested resolved archived locked
""")
"""Roles of somebody who did something, also as in `created_by`."""
STAFF = ("employee", "staff", "worker", "personnel", "user", "person", "people")
PEOPLE = ("user", "person", "people", "account", "member", "profile", "employee", "staff", "contact", "author", "login")
"""The tables that hold persons, the likeliest first."""
PERSONS = frozenset((*STAFF, *PEOPLE)) | word_set("emp usr pers student teacher player customer client agent patient")
MEASURES = word_set("""
    total num count number unit amount rank quantity qty sum average avg max min percent rate
""")
"""Words of a name that counts."""
RELATIVES = (
    word_set("""
    original new merged related linked source target from to replacement first last child link follower other paired

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
PARTS = word_set("item line detail address payment option attachment entry row part note value")
"""Words that call a table the parts of another."""
QUALIFIERS = word_set("""
    from to home away primary secondary main start end source destination old new origin billing shipping delivery
    invoice
""")
"""Roles that may follow the name of the table: `station_from`."""
