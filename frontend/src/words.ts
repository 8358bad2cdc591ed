// Words that several parts of the page use.

import type { Status } from "./types";

export const LAYER_NAMES: Record<string, string> = {
  sources: "Sources",
  "in the project": "In the project",
  staging: "Staging",
  snapshots: "Snapshots",
  intermediate: "Intermediate",
  marts: "Marts",
  others: "Others",
};

export const plural = (count: number, word: string) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

export const isGood = (status: Status) => status === "success" || status === "pass";

/** "good", "warned" or "bad", for colours and for whoever sees none. */
export function statusWord(status: Status): "good" | "warned" | "bad" {
  if (isGood(status)) return "good";
  return status === "warn" ? "warned" : "bad";
}

export const STATUS_SIGN = { good: "✓", warned: "!", bad: "✕" } as const;
