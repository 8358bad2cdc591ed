// The line at the top: which plan, what the gate says, what was changed, and what can be done with it.

import { useEffect, useState } from "preact/hooks";
import { said } from "./Findings";
import type { Panel, Plan } from "./types";
import { plural } from "./words";

interface Props {
  plan: Plan;
  panel: Panel;
  isStatic: boolean;
  busy: boolean;
  judging: boolean;
  onShow: (panel: Panel) => void;
  onSave: () => void;
  onDiscard: () => void;
  onHelp: () => void;
}

export function Header({ plan, panel, isStatic, busy, judging, onShow, onSave, onDiscard, onHelp }: Props) {
  const changed = Object.keys(plan.changes.amendments).length + plan.changes.rejected.length;
  const errors = plan.findings.some((finding) => finding.severity === "error");
  const left = plan.nodes.filter((node) => !node.gone);
  const layers = [...new Set(left.map((node) => node.layer))];
  return (
    <header class="top">
      <svg class="logo" viewBox="0 0 16 16" aria-hidden="true">
        <rect x="1" y="2" width="14" height="12" rx="2.5" />
        <path d="M4 6h8M4 9h5" />
      </svg>
      <div class="title">
        <h1>{plan.title}</h1>
        <p>
          {plan.strategy} · {plan.warehouse}
        </p>
      </div>
      <ul class="counts" aria-label="Steps by layer">
        {layers.map((layer) => (
          <li key={layer} class={`of-${layer}`}>
            <strong>{left.filter((node) => node.layer === layer).length}</strong> {layer}
          </li>
        ))}
      </ul>
      <span class={busy ? "busy on" : "busy"} aria-hidden="true" />
      <div class="acts">
        <button
          class={errors ? "bad" : ""}
          aria-pressed={panel === "findings"}
          aria-keyshortcuts="g"
          onClick={() => onShow("findings")}
        >
          {said(plan) || "No findings"}
        </button>
        {changed > 0 && plan.can_change && (
          <>
            <button onClick={onDiscard}>
              Discard <span class="wide">{plural(changed, "change")}</span>
            </button>
            <button onClick={onSave} disabled={plan.refused || judging}>
              Save <span class="wide">{plan.file}</span>
            </button>
          </>
        )}
        {!isStatic && (
          <button
            class="primary"
            aria-pressed={panel === "apply"}
            aria-keyshortcuts="a"
            onClick={() => onShow("apply")}
          >
            {plan.applied ? "Applied" : "Apply"}
          </button>
        )}
        <Theme />
        <button class="icon keys" onClick={onHelp} aria-label="Keys" aria-keyshortcuts="?">
          ?
        </button>
      </div>
    </header>
  );
}

const THEMES = ["system", "light", "dark"] as const;

function Theme() {
  const [theme, setTheme] = useState<(typeof THEMES)[number]>(() => {
    const kept = THEMES.find((name) => name === localStorage.getItem("cartridge-theme"));
    return kept ?? "system";
  });
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("cartridge-theme", theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  const sign = { system: "◐", light: "☀", dark: "☾" }[theme];
  return (
    <button class="icon" onClick={() => setTheme(next)} aria-label={`Colours: ${theme}. Change to ${next}`}>
      {sign}
    </button>
  );
}
