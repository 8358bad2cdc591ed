// What the gate has to say, at a step or of the whole plan.

import type { Finding, Plan, Severity } from "./types";
import { plural } from "./words";

const SEVERITIES: Severity[] = ["error", "warning", "note"];

export function FindingList({ findings, onSelect }: { findings: Finding[]; onSelect?: (id: string) => void }) {
  const worst = [...findings].sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
  if (!worst.length) return null;
  return (
    <ul class="findings">
      {worst.map((finding, number) => (
        <li key={number} class={finding.severity}>
          <p class="head">
            <strong>{finding.severity}</strong> <code>{finding.code}</code>
          </p>
          <p>{finding.message}</p>
          {finding.mend && <p class="mend">{finding.mend}</p>}
          {onSelect && finding.node && <button onClick={() => onSelect(finding.node!)}>Show the step</button>}
        </li>
      ))}
    </ul>
  );
}

export function FindingsPanel({ plan, onSelect }: { plan: Plan; onSelect: (id: string) => void }) {
  return (
    <article class="detail" aria-label="Findings">
      <header>
        <h2>Findings</h2>
        <p class="makes">{said(plan) || "The gate has nothing to say of this plan."}</p>
      </header>
      {plan.refused && (
        <p class="hint">With an error the plan cannot be applied: mend it, or reset what was changed.</p>
      )}
      <FindingList findings={plan.findings} onSelect={onSelect} />
    </article>
  );
}

/** "1 error, 2 warnings"; empty where there is nothing. */
export function said(plan: Plan): string {
  const count = (severity: Severity) => plan.findings.filter((finding) => finding.severity === severity).length;
  return SEVERITIES.flatMap((severity) => (count(severity) ? [plural(count(severity), severity)] : [])).join(", ");
}
