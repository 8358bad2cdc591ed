// The keys.

import { useEffect, useRef } from "preact/hooks";

const KEYS: [string, string][] = [
  ["/", "search the steps"],
  ["↑ ↓", "the step above or below"],
  ["← →", "in the graph: what a step reads, what reads it"],
  ["f", "show only the lineage of the step, or all again"],
  ["g", "findings"],
  ["Esc", "let go of the step"],
];

const CHANGES: [string, string][] = [
  ["e", "change the step's name"],
  ["x", "leave the step out, or bring it back"],
  ["a", "apply"],
];

export function Help({ isStatic, onClose }: { isStatic: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-label="Keys">
      <h2>Keys</h2>
      <dl>
        {[...KEYS, ...(isStatic ? [] : CHANGES)].map(([key, says]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <button class="primary" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
