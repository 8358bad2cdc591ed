// SQL, YAML and diffs, with their parts in colour. Text becomes elements, never markup.

import yaml from "highlight.js/lib/languages/yaml";
import sqlOf from "highlight.js/lib/languages/sql";
import { createLowlight } from "lowlight";
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";

const LONGEST = 200_000;
/** Characters. Longer texts stay without colour. */

const light = createLowlight({
  yaml,
  sql: (hljs) => {
    const language = sqlOf(hljs);
    const jinja = { scope: "template", begin: /\{[{%#]/, end: /[}%#]\}/, contains: [hljs.APOS_STRING_MODE, hljs.QUOTE_STRING_MODE] };
    return { ...language, illegal: undefined, contains: [jinja, ...(language.contains as (typeof jinja)[])] };
  },
});

interface Hast {
  type: string;
  value?: string;
  properties?: { className?: string[] };
  children?: Hast[];
}

export function Code({ text, language }: { text: string; language: "sql" | "yaml" }) {
  const tree = useMemo(() => {
    if (text.length > LONGEST) return null;
    return (light.highlight(language, text.replace(/\n$/, "")) as unknown as Hast).children!;
  }, [text, language]);
  return (
    <Frame text={text}>
      <code>{tree ? tree.map(element) : text}</code>
    </Frame>
  );
}

function element(node: Hast): ComponentChildren {
  if (node.type === "text") return node.value;
  return <span class={node.properties?.className?.join(" ")}>{node.children?.map(element)}</span>;
}

const LINE_KINDS: Record<string, string> = { "+": "added", "-": "removed", "@": "place" };

/** A unified diff, without the two lines that name the file. */
export function Diff({ text }: { text: string }) {
  const lines = text.replace(/\n$/, "").split("\n").slice(2);
  return (
    <Frame text={text}>
      <code class="diff">
        {lines.map((line, number) => (
          <span key={number} class={`line ${LINE_KINDS[line[0] ?? ""] ?? ""}`}>
            {`${line}\n`}
          </span>
        ))}
      </code>
    </Frame>
  );
}

function Frame({ text, children }: { text: string; children: ComponentChildren }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="frame">
      <button class="copy" onClick={copy}>
        {copied ? "Copied" : "Copy"}
      </button>
      {/* what scrolls can be reached by the keyboard */}
      <pre tabIndex={0}>{children}</pre>
    </div>
  );
}
