// What the server says: the values of cartridge/review/views.py, proof.py and work.py.

export type Severity = "error" | "warning" | "note";
export type Field = "name" | "file_path" | "materialized" | "description";
export type Status = "success" | "pass" | "warn" | "error" | "fail" | "skipped" | "missing";

export interface PlanNode {
  id: string;
  name: string;
  planned_name: string;
  type: string;
  layer: string;
  role: string | null;
  source: string | null;
  path: string;
  properties_path: string | null;
  description: string;
  materialized: string | null;
  makes: string;
  confidence: number | null;
  /** null: it stays; "asked": the reviewer left it out; "follows": it reads one that was left out */
  gone: "asked" | "follows" | null;
  changed: boolean;
  fields: Field[];
  materializations: string[];
}

export interface Existing {
  id: string;
  name: string;
  kind: "source" | "model";
}

export interface Finding {
  code: string;
  severity: Severity;
  message: string;
  mend: string;
  node: string | null;
  path: string | null;
}

export interface Changes {
  amendments: Record<string, Partial<Record<Field, string>>>;
  rejected: number[];
}

export interface PlannedFile {
  path: string;
  operation: "create" | "insert" | "nothing";
  steps: string[];
}

export interface Result {
  kind: string;
  name: string;
  status: Status;
  message: string;
  mend: string;
  rows: number | null;
  failures: number | null;
  seconds: number;
  standing: string | null;
}

export interface Proof {
  proven: boolean;
  sandbox: boolean;
  target: string;
  dbt: string;
  deprecations: number;
  notes: string[];
  counts: { models: number; built: number; tests: number; passed: number; checks: number; held: number };
  steps: Record<string, { status: Status; results: Result[] }>;
  elsewhere: Result[];
}

export interface Plan {
  title: string;
  strategy: string;
  warehouse: string;
  summary: string;
  nodes: PlanNode[];
  existing: Existing[];
  edges: [string, string][];
  findings: Finding[];
  changes: Changes;
  files: PlannedFile[];
  cartridge: string;
  revision: number;
  refused: boolean;
  file: string | null;
  project: string | null;
  applied: boolean;
  can_change: boolean;
  proof: Proof | null;
}

export interface Column {
  name: string;
  type: string;
  description: string;
  tests: string[];
  role?: string;
  origin?: string | null;
  root?: string | null;
  how?: string | null;
  table?: string;
}

export interface StepTest {
  name: string;
  column: string | null;
  arguments: Record<string, unknown>;
  severity: string;
  basis: string;
  because: string;
}

export interface Evidence {
  about: string;
  says: string;
  basis?: string;
  against?: boolean;
}

export interface StepFile {
  path: string;
  language: "sql" | "yaml";
  operation: string;
  /** the text that is written; of a file that several steps share, this step's part */
  text?: string | null;
  shared?: boolean;
  /** what is inserted into a file of the project, as a unified diff */
  diff?: string | null;
  /** what the reviewer's changes make of the text, as a unified diff */
  changed?: string | null;
}

export interface Step {
  id: string;
  evidence: Evidence[];
  grain: string[];
  files: StepFile[];
  columns: Column[];
  tests: StepTest[];
  joins: { model: string; on: string[]; kind: string; cardinality: string; basis: string; because: string }[];
  /** the gate refused the changes: the files are those of the plan as it was opened */
  stale: boolean;
}

export type WorkKind = "apply" | "verify" | "sandbox" | "undo";

export interface Work {
  kind: WorkKind;
  number: number;
  title: string;
  what: string;
  done: number;
  total: number | null;
  ended: "done" | "failed" | null;
  result: Record<string, unknown>;
  fault: string;
  seconds: number;
}

// What the right side shows.
export type Panel = "step" | "findings" | "apply";
