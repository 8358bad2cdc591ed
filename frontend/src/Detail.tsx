// One step: its decision, to be changed; then why, the files, the columns with their origin, and the tests.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Code, Diff } from "./Code";
import { Decision } from "./Decision";
import { FindingList } from "./Findings";
import { Results } from "./Results";
import type { Mark } from "./Graph";
import { Badges } from "./Steps";
import type { Existing, Field, Plan, PlanNode, Step } from "./types";
import { LAYER_NAMES, plural } from "./words";

interface Props {
  plan: Plan;
  node: PlanNode;
  step: Step | null;
  mark?: Mark;
  isStatic: boolean;
  onSelect: (id: string) => void;
  onAmend: (id: string, field: Field, value: string | null) => void;
  onReject: (id: string, rejected: boolean) => void;
}

export function Detail({ plan, node, step, mark, isStatic, onSelect, onAmend, onReject }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.scrollIntoView({ block: "nearest" }), [node.id]);
  const findings = plan.findings.filter((finding) => finding.node === node.id);
  const result = plan.proof?.steps[node.id];
  const changes = plan.can_change && !isStatic;
  return (
    <article class="detail" aria-label={`Step ${node.name}`}>
      <header>
        <p class="over">
          <span class={`chip of-${node.layer}`}>{LAYER_NAMES[node.layer] ?? node.layer}</span>
          {node.role && <span class="chip plain">{node.role}</span>}
          {node.confidence !== null && node.confidence < 1 && (
            <span class="chip plain">{Math.round(node.confidence * 100)}% sure</span>
          )}
          <Badges node={node} mark={mark} />
        </p>
        <h2 ref={heading}>{node.name}</h2>
        <p class="makes">{node.makes}</p>
      </header>
      <div aria-live="polite">
        {node.gone === "follows" && <p class="hint">Left out: it reads a step that is left out.</p>}
        <FindingList findings={findings} />
      </div>
      {result && <Results results={result.results} />}
      {!isStatic && <Decision plan={plan} node={node} enabled={changes} onAmend={onAmend} onReject={onReject} />}
      {isStatic && <Facts node={node} />}
      <Neighbours plan={plan} id={node.id} onSelect={onSelect} />
      {step ? <Parts step={step} node={node} /> : <p class="hint">Reading the step …</p>}
    </article>
  );
}

function Facts({ node }: { node: PlanNode }) {
  return (
    <dl class="facts">
      <dt>File</dt>
      <dd>
        <code>{node.path}</code>
      </dd>
      {node.materialized && (
        <>
          <dt>Materialised</dt>
          <dd>{node.materialized}</dd>
        </>
      )}
      {node.description && (
        <>
          <dt>Description</dt>
          <dd>{node.description}</dd>
        </>
      )}
    </dl>
  );
}

/** What exists in the project already, and is only read. */
export function ExistingDetail({ plan, entry, onSelect }: { plan: Plan; entry: Existing; onSelect: (id: string) => void }) {
  return (
    <article class="detail" aria-label={`${entry.name}, in the project`}>
      <header>
        <p class="over">
          <span class="chip of-there">In the project</span>
        </p>
        <h2>{entry.name}</h2>
        <p class="makes">A {entry.kind} that the project has already. The plan reads it, and leaves it as it is.</p>
      </header>
      <Neighbours plan={plan} id={entry.id} onSelect={onSelect} />
    </article>
  );
}

const MOST_NEIGHBOURS = 12;

function Neighbours({ plan, id, onSelect }: { plan: Plan; id: string; onSelect: (id: string) => void }) {
  const names = new Map([...plan.nodes, ...plan.existing].map((node) => [node.id, node.name]));
  const reads = plan.edges.filter(([, end]) => end === id).map(([start]) => start);
  const readers = plan.edges.filter(([start]) => start === id).map(([, end]) => end);
  const chips = (label: string, ids: string[]) =>
    ids.length > 0 && (
      <div class="neighbours">
        <span>{label}</span>
        <div>
          {ids.slice(0, MOST_NEIGHBOURS).map((other) => (
            <button key={other} onClick={() => onSelect(other)}>
              {names.get(other)}
            </button>
          ))}
          {ids.length > MOST_NEIGHBOURS && <em>and {ids.length - MOST_NEIGHBOURS} more</em>}
        </div>
      </div>
    );
  return (
    <>
      {chips("Reads", reads)}
      {chips("Read by", readers)}
    </>
  );
}

const TABS = ["Why", "Files", "Columns", "Tests"] as const;
type Tab = (typeof TABS)[number];

function Parts({ step, node }: { step: Step; node: PlanNode }) {
  const [chosen, setTab] = useState<Tab>("Why");
  const id = useId();
  const counts: Record<Tab, number> = {
    Why: step.evidence.length + step.joins.length,
    Files: step.files.length,
    Columns: step.columns.length,
    Tests: step.tests.length,
  };
  const tab = counts[chosen] ? chosen : (TABS.find((one) => counts[one]) ?? "Why");
  const turn = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!;
    setTab(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={`Parts of ${node.name}`} onKeyDown={turn}>
        {TABS.map((name) => (
          <button
            key={name}
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === tab}
            aria-controls={`${id}-panel`}
            tabIndex={name === tab ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name} <span>{counts[name] || ""}</span>
          </button>
        ))}
      </div>
      <section class="part" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`}>
        {tab === "Why" && <Why step={step} />}
        {tab === "Files" && <Files step={step} />}
        {tab === "Columns" && <Columns step={step} />}
        {tab === "Tests" && <Tests step={step} />}
      </section>
    </>
  );
}

function Why({ step }: { step: Step }) {
  return (
    <>
      <ul class="reasons">
        {step.evidence.map((reason, number) => (
          <li key={number} class={reason.against ? "against" : ""}>
            <span class="about">{reason.about.replaceAll("_", " ")}</span>
            <span>
              {reason.against && <strong>Against: </strong>}
              {reason.says} <Basis of={reason.basis ?? "inferred"} />
            </span>
          </li>
        ))}
        {step.joins.map((join, number) => (
          <li key={`join ${number}`}>
            <span class="about">join</span>
            <span>
              {join.kind} join to <code>{join.model}</code> on <code>{join.on.join(" and ")}</code>, {join.cardinality}{" "}
              <Basis of={join.basis} />
              {join.because && <small>{join.because}</small>}
            </span>
          </li>
        ))}
      </ul>
      {!step.evidence.length && !step.joins.length && <p class="none">Nothing had to be weighed for this step.</p>}
    </>
  );
}

const Basis = ({ of }: { of: string }) => <span class={`basis of-${of}`}>{of}</span>;

function Files({ step }: { step: Step }) {
  return (
    <>
      {step.stale && <p class="hint">The gate refused the changes: these are the files as they were planned.</p>}
      {step.files.map((file) => (
        <section key={file.path} class="file" aria-label={file.path}>
          <h3>
            <code>{file.path}</code>
            <Operation of={file.operation} shared={file.shared} />
          </h3>
          {file.changed && (
            <details open>
              <summary>Your changes</summary>
              <Diff text={file.changed} />
            </details>
          )}
          {file.diff && <Diff text={file.diff} />}
          {file.text && <Code text={file.text} language={file.language} />}
          {!file.text && !file.diff && <p class="none">The file is as planned already.</p>}
        </section>
      ))}
    </>
  );
}

function Operation({ of, shared }: { of: string; shared?: boolean }): ComponentChildren {
  const words: Record<string, string> = { create: "new file", insert: "lines added", nothing: "as it is" };
  return <span class="chip plain">{shared ? "its part of a new file" : (words[of] ?? of)}</span>;
}

const MOST_COLUMNS = 300;

function Columns({ step }: { step: Step }) {
  const ofTables = step.columns.some((column) => column.table);
  const more = step.columns.length - MOST_COLUMNS;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Columns">
      <table>
        <thead>
          <tr>
            {ofTables && <th>Table</th>}
            <th>Column</th>
            <th>Type</th>
            {!ofTables && <th>Comes from</th>}
            <th>Tests</th>
          </tr>
        </thead>
        <tbody>
          {step.columns.slice(0, MOST_COLUMNS).map((column, number) => (
            <tr key={number}>
              {ofTables && <td>{column.table}</td>}
              <td>
                <code>{column.name}</code>
                {column.role && column.role !== "attribute" && <span class="chip plain">{column.role}</span>}
                {column.description && <small>{column.description}</small>}
              </td>
              <td>{column.type}</td>
              {!ofTables && (
                <td>
                  {column.origin && <code>{column.origin}</code>}
                  {column.how && <small>{column.how}</small>}
                  {column.root && column.root !== column.origin && <small>from {column.root}</small>}
                </td>
              )}
              <td>{column.tests.map((test) => test.replaceAll("_", " ")).join(", ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="none">And {plural(more, "column")} more; they stand in the file.</p>}
      {!step.columns.length && <p class="none">The columns of this step are not known.</p>}
    </div>
  );
}

function Tests({ step }: { step: Step }) {
  return (
    <ul class="reasons">
      {step.tests.map((test, number) => (
        <li key={number}>
          <span class="about">{test.name.replaceAll("_", " ")}</span>
          <span>
            {test.column && <code>{test.column}</code>} {told(test.arguments)} <Basis of={test.basis} />
            {test.severity === "warn" && <span class="chip plain">warns only</span>}
            {test.because && <small>{test.because}</small>}
          </span>
        </li>
      ))}
      {!step.tests.length && <li class="none">No test is planned for this step itself.</li>}
    </ul>
  );
}

function told(given: Record<string, unknown>): string {
  if ("to" in given) return `to ${String(given.to)}.${String(given.field)}`;
  return Object.values(given).flat().map(String).join(", ");
}
