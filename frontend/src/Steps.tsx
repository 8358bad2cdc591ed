// The list of all steps, by layer: to search, to walk through, and for whoever does not see the graph.

import { memo } from "preact/compat";
import { useMemo, useRef } from "preact/hooks";
import type { Mark } from "./Graph";
import type { Plan, PlanNode } from "./types";
import { LAYER_NAMES, plural, STATUS_SIGN, statusWord } from "./words";

interface Props {
  plan: Plan;
  query: string;
  found: ReadonlySet<string> | null;
  selected: string | null;
  marks: ReadonlyMap<string, Mark>;
  onQuery: (query: string) => void;
  onSelect: (id: string) => void;
}

/** The steps whose name, path, source or description holds every word that is sought. */
export function search(plan: Plan, query: string): Set<string> | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const hit = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const steps = plan.nodes.filter((node) =>
    hit([node.name, node.planned_name, node.path, node.source, node.role, node.makes, node.description].join(" ")),
  );
  const there = plan.existing.filter((entry) => hit(entry.name));
  return new Set([...steps, ...there].map((node) => node.id));
}

export function Steps({ plan, query, found, selected, marks, onQuery, onSelect }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const layers = useMemo(() => {
    const shown = plan.nodes.filter((node) => !found || found.has(node.id));
    const names = [...new Set(plan.nodes.map((node) => node.layer))];
    const order = Object.keys(LAYER_NAMES);
    names.sort((one, other) => order.indexOf(one) - order.indexOf(other));
    return names.map((name) => ({ name, nodes: shown.filter((node) => node.layer === name) }));
  }, [plan, found]);
  const ids = layers.flatMap((layer) => layer.nodes.map((node) => node.id));
  const tabStop = selected && ids.includes(selected) ? selected : ids[0];

  const walk = (event: KeyboardEvent) => {
    const at = ids.indexOf(tabStop ?? "");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ids.length - 1 }[event.key];
    const next = to === undefined ? undefined : ids[to];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const seek = (event: KeyboardEvent) => {
    if (event.key === "Enter" && ids[0]) onSelect(ids[0]);
    if (event.key === "Escape") onQuery("");
    if (event.key === "ArrowDown") list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  };

  return (
    <nav class="steps" aria-label="Steps">
      <div class="search">
        <input
          type="search"
          id="search"
          placeholder="Search steps"
          aria-label="Search steps"
          aria-keyshortcuts="/"
          value={query}
          onInput={(event) => onQuery(event.currentTarget.value)}
          onKeyDown={seek}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <p class="hits" role="status">
        {found ? `${found.size} of ${plural(plan.nodes.length + plan.existing.length, "node")}` : ""}
      </p>
      <div class="list" ref={list} onKeyDown={walk}>
        {layers.map(({ name, nodes }) =>
          nodes.length ? (
            <section key={name} aria-label={LAYER_NAMES[name] ?? name}>
              <h2 class={`of-${name}`}>
                {LAYER_NAMES[name] ?? name} <span>{nodes.length}</span>
              </h2>
              {nodes.map((node) => (
                <Row
                  key={node.id}
                  node={node}
                  mark={marks.get(node.id)}
                  selected={node.id === selected}
                  tabStop={node.id === tabStop}
                  onSelect={onSelect}
                />
              ))}
            </section>
          ) : null,
        )}
        {!ids.length && <p class="none">No step has that in its name, path or description.</p>}
      </div>
    </nav>
  );
}

interface RowProps {
  node: PlanNode;
  mark?: Mark;
  selected: boolean;
  tabStop: boolean;
  onSelect: (id: string) => void;
}

const Row = memo(function Row({ node, mark, selected, tabStop, onSelect }: RowProps) {
  return (
    <button
      class={`row ${node.gone ? "gone" : ""}`}
      tabIndex={tabStop ? 0 : -1}
      aria-current={selected ? "true" : undefined}
      data-step={node.id}
      onClick={() => onSelect(node.id)}
    >
      <span class="name">{node.name}</span>
      <Badges node={node} mark={mark} />
    </button>
  );
});

export function Badges({ node, mark }: { node: PlanNode; mark?: Mark }) {
  const word = mark?.status && statusWord(mark.status);
  return (
    <span class="badges">
      {node.changed && !node.gone && <span class="badge edited">changed</span>}
      {node.gone && <span class="badge out">{node.gone === "asked" ? "left out" : "follows"}</span>}
      {mark?.severity && (
        <span class={`badge ${mark.severity}`} title={`has ${mark.severity === "error" ? "an error" : "a warning"}`}>
          {mark.severity}
        </span>
      )}
      {word && (
        <span class={`badge ${word}`} title={mark.status}>
          <span aria-hidden="true">{STATUS_SIGN[word]}</span>
          <span class="unseen">{mark.status}</span>
        </span>
      )}
    </span>
  );
}
