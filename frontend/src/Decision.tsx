// What a reviewer may change of a step. Each change is judged by the gate as soon as the field is left.

import { useEffect, useId, useState } from "preact/hooks";
import type { Field, Plan, PlanNode } from "./types";

interface Props {
  plan: Plan;
  node: PlanNode;
  enabled: boolean;
  onAmend: (id: string, field: Field, value: string | null) => void;
  onReject: (id: string, rejected: boolean) => void;
}

const LABELS: Record<Field, string> = {
  name: "Name",
  file_path: "File",
  materialized: "Materialised",
  description: "Description",
};

export function Decision({ plan, node, enabled, onAmend, onReject }: Props) {
  const values: Record<Field, string> = {
    name: node.name,
    file_path: node.path,
    materialized: node.materialized ?? "",
    description: node.description,
  };
  const amended = plan.changes.amendments[node.id] ?? {};
  const editable = enabled && !node.gone;
  return (
    <section class="decision" aria-label="Decision">
      {node.fields.map((field) => (
        <Entry
          key={`${node.id} ${field}`}
          field={field}
          value={values[field]}
          choices={field === "materialized" ? node.materializations : undefined}
          enabled={editable}
          changed={field in amended}
          onChange={(value) => onAmend(node.id, field, value)}
        />
      ))}
      {!node.fields.includes("file_path") && (
        <div class="entry">
          <span>File</span>
          <code>{node.path}</code>
        </div>
      )}
      <p class="acts">
        {node.gone === "asked" ? (
          <button onClick={() => onReject(node.id, false)} disabled={!enabled}>
            Bring back
          </button>
        ) : (
          <button class="danger" onClick={() => onReject(node.id, true)} disabled={!editable} aria-keyshortcuts="x">
            Leave out
          </button>
        )}
        {plan.applied && <span class="hint">Applied: undo it to change the plan.</span>}
      </p>
    </section>
  );
}

interface EntryProps {
  field: Field;
  value: string;
  choices?: string[];
  enabled: boolean;
  changed: boolean;
  onChange: (value: string | null) => void;
}

function Entry({ field, value, choices, enabled, changed, onChange }: EntryProps) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => text !== value && onChange(text);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") setText(value);
    if (event.key === "Enter" && (field !== "description" || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      commit();
    }
  };
  const shared = { id, name: field, disabled: !enabled, onBlur: commit, onKeyDown: keys };
  return (
    <div class={changed ? "entry changed" : "entry"}>
      <div>
        <label for={id}>{LABELS[field]}</label>
        {changed && enabled && (
          <button class="reset" onClick={() => onChange(null)} aria-label={`Reset ${LABELS[field].toLowerCase()}`}>
            reset
          </button>
        )}
      </div>
      {choices ? (
        <select id={id} name={field} disabled={!enabled} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : field === "name" ? (
        <input {...shared} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      ) : (
        <textarea
          {...shared}
          rows={field === "description" ? 2 : 1}
          spellcheck={field === "description"}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
