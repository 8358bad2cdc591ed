// What dbt said of a step: its model, its tests, and checks of the data.

import type { Proof, Result } from "./types";
import { isGood, plural, STATUS_SIGN, statusWord } from "./words";

export function Results({ results }: { results: Result[] }) {
  const bad = results.filter((result) => !isGood(result.status));
  const good = results.filter((result) => isGood(result.status));
  return (
    <section class="results" aria-label="Results of dbt">
      {bad.map((result, number) => (
        <Line key={number} result={result} />
      ))}
      {good.length > 0 && (
        <details open={!bad.length && good.length <= 3}>
          <summary>
            <span class="sign good" aria-hidden="true">
              ✓
            </span>{" "}
            {summed(good)}
          </summary>
          {good.map((result, number) => (
            <Line key={number} result={result} />
          ))}
        </details>
      )}
    </section>
  );
}

function summed(results: Result[]): string {
  const models = results.filter((result) => result.kind !== "test" && result.kind !== "check");
  const count = (kind: string) => results.filter((result) => result.kind === kind).length;
  const rows = models.find((model) => model.rows !== null)?.rows;
  const parts = [models.length ? `built${rows != null ? `, ${plural(rows, "row")}` : ""}` : ""];
  parts.push(count("test") ? `${plural(count("test"), "test")} passed` : "");
  parts.push(count("check") ? `${plural(count("check"), "check")} of the data held` : "");
  return parts.filter(Boolean).join("; ");
}

function Line({ result }: { result: Result }) {
  const word = statusWord(result.status);
  return (
    <div class={`result ${word}`}>
      <p>
        <span class={`sign ${word}`} aria-hidden="true">
          {STATUS_SIGN[word]}
        </span>{" "}
        <strong>{result.status}</strong> {result.kind} <code>{result.name}</code>
        {result.failures ? ` · ${plural(result.failures, "row")}` : ""}
        {result.standing && result.standing !== "proven" && <span class="chip plain">{result.standing}</span>}
      </p>
      {!isGood(result.status) && <pre tabIndex={0}>{result.message}</pre>}
      {result.mend && <p class="mend">{result.mend}</p>}
    </div>
  );
}

/** The verdict over all, with what belongs to no step. */
export function Verdict({ proof }: { proof: Proof }) {
  const { counts } = proof;
  const where = proof.sandbox ? "in the sandbox, over made-up rows" : `on ${proof.target || "the default target"}`;
  return (
    <section class={`verdict ${proof.proven ? "good" : "bad"}`} aria-label="Verdict">
      <h3>
        {proof.proven ? "✓ Proven" : "✕ Not proven"} {where}
      </h3>
      <p>
        {counts.built} of {plural(counts.models, "model")} built, {counts.passed} of {plural(counts.tests, "test")} passed
        {counts.checks > 0 && `, ${counts.held} of ${plural(counts.checks, "check")} of the data held`}
        {proof.dbt && ` · dbt ${proof.dbt}`}
        {` · ${plural(proof.deprecations, "deprecation")}`}
      </p>
      {proof.notes.map((note, number) => (
        <p key={number} class="hint">
          {note}
        </p>
      ))}
      {proof.elsewhere.some((result) => !isGood(result.status)) && <Results results={proof.elsewhere} />}
    </section>
  );
}
