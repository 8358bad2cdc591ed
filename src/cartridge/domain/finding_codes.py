"""Every code that a finding may bear; `docs/findings.md` explains each. Codes stay: pipelines choose by them."""

from __future__ import annotations

_WORDS = """
    already-staged ambiguous-dependency ambiguous-table broken-key cannot-insert cannot-render chained-views
    completed contradictory-key contradictory-reference cut-off-answer cycle documented-twice dropped
    dropped-column dropped-table duplicate-name duplicate-source duplicate-source-table duplicate-table
    dynamic-reference edited-plan fan-out folder-convention intermediate-on-source invalid-jinja invalid-python
    invalid-yaml left-out link-loop manifest-not-used mart-exists mart-on-source model-fan-out name-convention
    name-taken name-taken-twice name-too-long new-column new-table no-freshness no-grain no-key-test not-text
    not-writable other-layer outside-project package-clash part-without-models path-clash path-name path-taken
    private-input private-model proposed-twice rejoined-upstream renamed-column renamed-table repeated-key
    retyped-column root-model several-sources source-and-model source-dependency source-exists source-fan-out
    split-source staging-on-marts staging-on-staging staging-without-source stale-plan step-ids step-order
    strategy suggested-marts too-many-joins uncovered-table undocumented unknown-column unknown-dependency
    unknown-reference unknown-source unknown-table unknown-test-target unknown-type unreadable unreadable-package
    unreadable-reference unsafe-path unusable-name unused-source unverifiable
"""

CODES = frozenset(_WORDS.split())
