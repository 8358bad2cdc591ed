// The whole page: what is shown, what is selected, and what the reviewer changed.

import { flushSync } from "preact/compat";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "./api";
import { ApplyPanel } from "./ApplyPanel";
import { Detail, ExistingDetail } from "./Detail";
import { FindingsPanel, said } from "./Findings";
import { Graph, type Mark } from "./Graph";
import { Header } from "./Header";
import { Help } from "./Help";
import { layout, lineage } from "./layout";
import { search, Steps } from "./Steps";
import type { Changes, Field, Panel, Plan, Step, Work, WorkKind } from "./types";

type Side = "steps" | "graph" | "panel";
const POLL = 250;

export function App({ api, first }: { api: Api; first: Plan }) {
  const [plan, setPlan] = useState(first);
  const [selected, setSelected] = useState<string | null>(null);
  const [panel, setPanel] = useState<Panel>("step");
  const [side, setSide] = useState<Side>("graph");
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState<string | null>(null);
  const [step, setStep] = useState<Step | null>(null);
  const [work, setWork] = useState<Work | null>(null);
  const [fault, setFault] = useState("");
  const [told, setTold] = useState("");
  const [help, setHelp] = useState(false);
  const [busy, setBusy] = useState(0);
  const [judging, setJudging] = useState(0);

  const attempt = useCallback(async (act: () => Promise<void>) => {
    setFault("");
    setBusy((count) => count + 1);
    try {
      await act();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy((count) => count - 1);
    }
  }, []);

  const found = useMemo(() => search(plan, query), [plan, query]);
  const shown = useMemo(() => (focus ? lineage(plan, focus) : null), [plan, focus]);
  const drawn = useMemo(() => layout(plan, open, shown), [plan, open, shown]);
  const marks = useMemo(() => marksOf(plan), [plan]);

  const select = useCallback((id: string | null) => {
    setSelected(id);
    if (id === null) return;
    setPanel("step");
    setSide("panel");
  }, []);
  const pick = useCallback((id: string | null) => {
    setSelected(id);
    if (id !== null) setPanel("step");
    if (id !== null) setSide((now) => (now === "graph" ? "panel" : now));
  }, []);

  useEffect(() => {
    const wanted = plan.nodes.some((node) => node.id === selected) ? selected : null;
    if (!wanted) return setStep(null);
    setStep((old) => (old?.id === wanted ? old : null));
    let current = true;
    void attempt(async () => {
      const read = await api.step(wanted);
      if (current) setStep(read);
    });
    return () => {
      current = false;
    };
  }, [selected, plan.revision]);

  // changes are sent one after the other, each with all that came before it
  const wanted = useRef<Changes>(first.changes);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const change = (changes: Changes) => {
    wanted.current = changes;
    setPlan((now) => expected(now, changes));
    setJudging((count) => count + 1);
    queue.current = queue.current.then(() =>
      attempt(async () => {
        if (wanted.current !== changes) return;
        try {
          const judged = await api.change(changes);
          setPlan(judged);
          setTold(judged.refused ? `The gate refuses this: ${said(judged)}` : "The gate passes the plan.");
        } catch (error) {
          const judged = await api.plan();
          wanted.current = judged.changes;
          setPlan(judged);
          throw error;
        }
      }).finally(() => setJudging((count) => count - 1)),
    );
  };
  const amend = (id: string, field: Field, value: string | null) => {
    const own = { ...wanted.current.amendments[id] };
    const node = plan.nodes.find((one) => one.id === id);
    if (value === null || (field === "name" && value === node?.planned_name)) delete own[field];
    else own[field] = value;
    const amendments = { ...wanted.current.amendments, [id]: own };
    if (!Object.keys(own).length) delete amendments[id];
    change({ ...wanted.current, amendments });
  };
  const reject = (id: string, rejected: boolean) => {
    const others = wanted.current.rejected.filter((step) => String(step) !== id);
    change({ ...wanted.current, rejected: rejected ? [...others, Number(id)] : others });
  };
  const discard = () => change({ amendments: {}, rejected: [] });
  const save = () =>
    attempt(async () => {
      const { file } = await api.save(plan.revision);
      setTold(`${file} holds the plan as it is shown.`);
    });

  const follow = async () => {
    for (;;) {
      const now = await api.work();
      setWork(now);
      if (!now || now.ended) break;
      await new Promise((done) => setTimeout(done, POLL));
    }
    setPlan(await api.plan());
  };
  const start = (kind: WorkKind) =>
    attempt(async () => {
      setWork(await api.start(kind, plan.revision));
      await follow();
    });
  useEffect(() => {
    if (api.isStatic) return;
    void attempt(async () => {
      const now = await api.work(); // the page was loaded anew while something is under way
      if (now && !now.ended) {
        setPanel("apply");
        await follow();
      }
    });
  }, []);

  useLayoutEffect(() => { // what is seen can be worked by keys at once
    const keys = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape" && !target.matches("input, textarea")) {
        if (focus) setFocus(null);
        else setSelected(null);
        return;
      }
      if (target.matches("input, textarea, select")) return;
      const node = plan.nodes.find((one) => one.id === selected);
      const acts: Record<string, () => void> = {
        "/": () => {
          flushSync(() => setSide("steps")); // the next key already belongs to the search
          document.getElementById("search")?.focus();
        },
        f: () => setFocus(focus ? null : selected),
        a: () => show("apply"),
        g: () => show("findings"),
        e: () => document.querySelector<HTMLInputElement>(".decision input")?.focus(),
        x: () => node && plan.can_change && node.gone !== "follows" && reject(node.id, node.gone !== "asked"),
        "?": () => setHelp(true),
      };
      const act = acts[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  });

  const show = (name: Panel) => {
    setPanel(name);
    setSide("panel");
  };
  const node = plan.nodes.find((one) => one.id === selected);
  const entry = plan.existing.find((one) => one.id === selected);

  return (
    <div class={`page show-${side}`} aria-busy={busy > 0}>
      <Header
        plan={plan}
        panel={panel}
        isStatic={api.isStatic}
        busy={busy > 0}
        judging={judging > 0}
        onShow={show}
        onSave={save}
        onDiscard={discard}
        onHelp={() => setHelp(true)}
      />
      <main>
        <Steps
          plan={plan}
          query={query}
          found={found}
          selected={selected}
          marks={marks}
          onQuery={setQuery}
          onSelect={select}
        />
        <Graph
          plan={plan}
          layout={drawn}
          selected={selected}
          found={found}
          marks={marks}
          focused={focus !== null}
          onSelect={pick}
          onOpen={(cluster) => setOpen(new Set([...open, cluster]))}
          onFocus={() => setFocus(focus ? null : selected)}
          onGather={open.size ? () => setOpen(new Set()) : undefined}
        />
        <aside class="panel" aria-label="Details">
          {panel === "apply" && !api.isStatic ? (
            <ApplyPanel plan={plan} work={work} judging={judging > 0} onStart={start} />
          ) : panel === "findings" ? (
            <FindingsPanel plan={plan} onSelect={select} />
          ) : node ? (
            <Detail
              key={node.id}
              plan={plan}
              node={node}
              step={step?.id === node.id ? step : null}
              mark={marks.get(node.id)}
              isStatic={api.isStatic}
              onSelect={select}
              onAmend={amend}
              onReject={reject}
            />
          ) : entry ? (
            <ExistingDetail plan={plan} entry={entry} onSelect={select} />
          ) : (
            <Welcome plan={plan} isStatic={api.isStatic} />
          )}
        </aside>
      </main>
      <nav class="sides" aria-label="Parts of the page">
        {(["steps", "graph", "panel"] as const).map((name) => (
          <button key={name} aria-pressed={side === name} onClick={() => setSide(name)}>
            {{ steps: "Steps", graph: "Graph", panel: "Details" }[name]}
          </button>
        ))}
      </nav>
      <p class="unseen" role="status">
        {told}
      </p>
      {fault && (
        <div class="toast" role="alert">
          <p>{fault}</p>
          <button onClick={() => setFault("")} aria-label="Close the message">
            ✕
          </button>
        </div>
      )}
      {help && <Help isStatic={api.isStatic} onClose={() => setHelp(false)} />}
    </div>
  );
}

/** The plan as it will look if the gate has nothing against it, shown until the gate has answered. */
function expected(plan: Plan, changes: Changes): Plan {
  const follows = new Set(changes.rejected.map(String));
  const calendars = new Set(plan.nodes.filter((node) => node.role === "date").map((node) => node.id));
  // edges stand in the plan's order
  for (const [start, end] of plan.edges) if (follows.has(start) && !calendars.has(end)) follows.add(end);
  for (const id of calendars) {
    const spans = plan.edges.filter(([, end]) => end === id);
    if (spans.length && spans.every(([start]) => follows.has(start))) follows.add(id); // it needs one of what it spans
  }
  const nodes = plan.nodes.map((node) => {
    const own = changes.amendments[node.id];
    const gone = changes.rejected.includes(Number(node.id)) ? "asked" : follows.has(node.id) ? "follows" : null;
    if (!own && gone === node.gone && !node.changed) return node;
    return {
      ...node,
      name: own?.name ?? node.planned_name,
      path: own?.file_path ?? node.path,
      materialized: own?.materialized ?? node.materialized,
      description: own?.description ?? node.description,
      changed: own !== undefined,
      gone: gone as typeof node.gone,
    };
  });
  return { ...plan, nodes, changes };
}

function Welcome({ plan, isStatic }: { plan: Plan; isStatic: boolean }) {
  return (
    <article class="detail welcome" aria-label="About this plan">
      <header>
        <h2>{plan.title}</h2>
        <p class="makes">{plan.summary}</p>
      </header>
      <p>
        Choose a step in the list or in the graph: on what it rests, the SQL and YAML that it writes, its columns with
        their origin, and its tests.
      </p>
      {!isStatic && (
        <p>
          Change a name, a file, how a model is materialised or described, or leave a step out: what depends on it
          follows, and the gate judges the plan at once.
        </p>
      )}
      <p class="small">
        Written for {plan.warehouse} by cartridge {plan.cartridge}. Press <kbd>?</kbd> for the keys.
      </p>
    </article>
  );
}

/** What stands at each node: results of dbt, findings, what was changed and left out. */
function marksOf(plan: Plan): ReadonlyMap<string, Mark> {
  const severities = new Map<string, "error" | "warning">();
  for (const finding of plan.findings) {
    if (!finding.node || finding.severity === "note" || severities.get(finding.node) === "error") continue;
    severities.set(finding.node, finding.severity);
  }
  const marks = new Map<string, Mark>();
  for (const node of plan.nodes) {
    const [status, severity] = [plan.proof?.steps[node.id]?.status, severities.get(node.id)];
    const [gone, changed] = [node.gone !== null, node.changed];
    if (status || severity || gone || changed) marks.set(node.id, { status, severity, gone, changed });
  }
  return marks;
}
