// Apply, prove, undo: what will be written, how far it is, and what came of it.

import { Verdict } from "./Results";
import { said } from "./Findings";
import type { Plan, Work, WorkKind } from "./types";
import { plural } from "./words";

interface Props {
  plan: Plan;
  work: Work | null;
  /** a change is with the gate: what is shown is not yet what would be written */
  judging: boolean;
  onStart: (kind: WorkKind) => void;
}

const MOST_FILES = 400;

export function ApplyPanel({ plan, work, judging, onStart }: Props) {
  const running = work !== null && work.ended === null;
  const waits = running || judging;
  const pending = plan.files.filter((file) => file.operation !== "nothing");
  const created = pending.filter((file) => file.operation === "create").length;
  const counts = [
    created && `${plural(created, "new file")}`,
    pending.length - created && `lines added to ${plural(pending.length - created, "file")}`,
  ].filter(Boolean);
  return (
    <article class="detail" aria-label="Apply">
      <header>
        <h2>{plan.applied ? `Applied to ${plan.project}` : plan.project ? `Apply to ${plan.project}` : "Apply"}</h2>
        <p class="makes">{plan.summary}</p>
      </header>
      <p class="hint">
        {judging
          ? "The gate judges the last change …"
          : plan.refused
          ? `The gate refuses the plan as it is: ${said(plan)}. Mend that first.`
          : plan.project
            ? `${counts.join(", ") || "Nothing to write"}: all of it, or nothing.`
            : "No project is named. Start cartridge review with --project DIR to apply the plan from here."}
      </p>
      <div class="acts big">
        {!plan.applied && (
          <button class="primary" disabled={waits || plan.refused || !plan.project} onClick={() => onStart("apply")}>
            Write {plural(pending.length, "file")}
          </button>
        )}
        {plan.applied && (
          <button class="primary" disabled={running} onClick={() => onStart("verify")}>
            Build with dbt
          </button>
        )}
        <button disabled={waits || plan.refused} onClick={() => onStart("sandbox")}>
          Prove in a sandbox
        </button>
        {plan.applied && (
          <button class="danger" disabled={running} onClick={() => onStart("undo")}>
            Undo
          </button>
        )}
      </div>
      <p class="small">
        {plan.applied
          ? "Building runs your dbt, on the target that the command was started with. The sandbox builds the same models in a throw-away DuckDB, over made-up rows."
          : "The sandbox builds the models in a throw-away DuckDB, over made-up rows: nothing is written to your project or warehouse."}
      </p>
      <div aria-live="polite">{work && <Progress work={work} />}</div>
      {plan.proof && !running && <Verdict proof={plan.proof} />}
      <h3 class="files">Files</h3>
      <ul class="paths">
        {pending.slice(0, MOST_FILES).map((file) => (
          <li key={file.path}>
            <span class={file.operation === "create" ? "sign good" : "sign warned"}>
              {file.operation === "create" ? "+" : "~"}
            </span>
            <code>{file.path}</code>
          </li>
        ))}
        {pending.length > MOST_FILES && <li class="none">and {pending.length - MOST_FILES} more</li>}
      </ul>
    </article>
  );
}

const DONE: Record<WorkKind, (work: Work) => string> = {
  apply: (work) => `${plural(length(work, "created"), "file")} created, ${length(work, "changed")} changed`,
  undo: (work) => `${plural(length(work, "removed"), "file")} removed, ${length(work, "restored")} restored`,
  verify: () => "dbt has ended",
  sandbox: () => "The sandbox has ended",
};

const length = (work: Work, name: string) => (work.result[name] as unknown[] | undefined)?.length ?? 0;

function Progress({ work }: { work: Work }) {
  if (work.ended === "failed")
    return (
      <div class="fault" role="alert">
        <strong>Failed</strong>
        <pre tabIndex={0}>{work.fault}</pre>
      </div>
    );
  if (work.ended === "done")
    return (
      <p class="done">
        ✓ {DONE[work.kind](work)} <small>{work.seconds.toFixed(1)} s</small>
      </p>
    );
  const rate = work.total && work.done > 1 && work.seconds > 1 ? ` · ${(work.done / work.seconds).toFixed(1)} a second` : "";
  return (
    <div class="progress">
      <p>
        <strong>{work.title}</strong> {work.total ? `${work.done} of ${work.total}${rate}` : ""}
        <small>{work.seconds.toFixed(0)} s</small>
      </p>
      <progress aria-label={work.title} {...(work.total ? { value: work.done, max: work.total } : {})} />
      <p class="small">{work.what || " "}</p>
    </div>
  );
}
