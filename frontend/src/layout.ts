// Where everything stands: one lane a layer, arrows from left to right. Long lanes are gathered into clusters.

import type { Plan, PlanNode } from "./types";

export const MOST_SINGLE = 150;
/** A plan with more steps is gathered: staging by source, other layers by folder, what is too long by letters. */
const MOST_IN_CLUSTER = 100;
const FEW = 12;
/** Beside a longer lane the others begin at the top, where they are seen. */
const MOST_CENTRED = 30;
const ROW = 58;
export const HEIGHT = 46;
const TOP = 44;
const LANE_GAP = 76;

export interface Box {
  id: string;
  lane: number;
  x: number;
  y: number;
  width: number;
  label: string;
  sub: string;
  node?: PlanNode;
  /** a model or source of the project */
  existing?: boolean;
  /** the nodes that a cluster stands for */
  members?: string[];
}

export interface Link {
  id: string;
  from: string;
  to: string;
  weight: number;
  path: string;
}

export interface Lane {
  name: string;
  x: number;
  width: number;
  count: number;
}

export interface Layout {
  lanes: Lane[];
  boxes: Box[];
  links: Link[];
  width: number;
  height: number;
  /** the box that shows a node: itself, or its cluster */
  boxOf: Map<string, string>;
}

interface Item {
  id: string;
  label: string;
  sub: string;
  lane: string;
  group: string;
  node?: PlanNode;
  existing?: boolean;
  members?: string[];
}

const LANES = ["sources", "in the project", "staging", "snapshots", "intermediate", "marts", "others"];

/** The layout of the nodes of `shown` (null: all), with the clusters of `open` opened. */
export function layout(plan: Plan, open: ReadonlySet<string>, shown: ReadonlySet<string> | null): Layout {
  const items = itemsOf(plan).filter((item) => !shown || shown.has(item.id));
  const boxOf = new Map<string, string>();
  const lanes = LANES.map((name) => items.filter((item) => item.lane === name));
  const gathered = lanes.map((lane) => (items.length > MOST_SINGLE ? gather(lane, open) : lane));
  for (const item of gathered.flat()) for (const id of item.members ?? [item.id]) boxOf.set(id, item.id);
  const weights = linksBetween(plan, boxOf);
  const ordered = order(
    gathered.filter((lane) => lane.length),
    weights,
  );
  return place(
    ordered,
    lanes.filter((lane) => lane.length).map((lane) => lane.length),
    weights,
    boxOf,
  );
}

function itemsOf(plan: Plan): Item[] {
  const steps = plan.nodes.map((node) => ({
    id: node.id,
    label: node.name,
    sub: node.makes,
    lane: node.layer,
    group: node.layer === "staging" || node.layer === "snapshots" ? (node.source ?? "") : folder(node.path),
    node,
  }));
  const there = plan.existing.map((entry) => ({
    id: entry.id,
    label: entry.name,
    sub: "in the project",
    lane: entry.kind === "source" ? "sources" : "in the project",
    group: "",
    existing: true,
  }));
  return [...steps, ...there];
}

export const folder = (path: string) => path.split("/").slice(0, -1).join("/");

function gather(lane: Item[], open: ReadonlySet<string>): Item[] {
  if (lane.length <= FEW) return lane;
  return [...groups(lane, (item) => item.group)].flatMap(([name, members]) => {
    const named = name || lane[0]!.lane;
    const parts = members.length <= MOST_IN_CLUSTER ? new Map([[named, members]]) : byLetters(named, members);
    return [...parts].flatMap(([label, part]) => {
      const id = `c:${part[0]!.lane}:${label}`;
      if (part.length === 1 || open.has(id)) return part;
      const sub = `${part.length} ${part[0]!.existing ? "of the project" : "steps"}`;
      return [{ id, label: label.replace(/^models\//, ""), sub, lane: part[0]!.lane, group: label, members: part.map((item) => item.id) }];
    });
  });
}

function groups(items: Item[], key: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) add(found, key(item), item);
  return found;
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Pieces of a long group in alphabetical order, called after their first and last names. */
function byLetters(name: string, members: Item[]): Map<string, Item[]> {
  const sorted = [...members].sort((one, other) => (one.label < other.label ? -1 : 1));
  const pieces = Math.ceil(sorted.length / MOST_IN_CLUSTER);
  const size = Math.ceil(sorted.length / pieces);
  return new Map(
    Array.from({ length: pieces }, (_, piece) => {
      const part = sorted.slice(piece * size, (piece + 1) * size);
      return [`${name}: ${bare(part[0]!)} … ${bare(part.at(-1)!)}`, part];
    }),
  );
}

/** A name without the part that its whole layer begins with. */
const bare = (item: Item) => item.label.replace(/^[a-z]+_(.*__)?/, "");

function linksBetween(plan: Plan, boxOf: Map<string, string>): Map<string, [string, string, number]> {
  const found = new Map<string, [string, string, number]>();
  for (const [start, end] of plan.edges) {
    const from = boxOf.get(start);
    const to = boxOf.get(end);
    if (!from || !to || from === to) continue;
    const id = `${from}>${to}`;
    found.set(id, [from, to, (found.get(id)?.[2] ?? 0) + 1]);
  }
  return found;
}

/** Fewer crossings: each lane sorted by the middle of what its items are linked to, left to right and back
 * (the barycentre heuristic of Sugiyama, Tagawa and Toda, 1981). Items of one group stay together. */
function order(lanes: Item[][], weights: Map<string, [string, string, number]>): Item[][] {
  const near = new Map<string, string[]>();
  for (const [from, to] of weights.values()) {
    add(near, from, to);
    add(near, to, from);
  }
  const at = new Map<string, number>();
  const settle = (lane: Item[]) => lane.forEach((item, place) => at.set(item.id, (place + 0.5) / lane.length));
  const middle = (ids: string[]) => {
    const places = ids.flatMap((id) => near.get(id) ?? []).map((id) => at.get(id) ?? 0.5);
    return places.length ? places.reduce((sum, place) => sum + place, 0) / places.length : null;
  };
  lanes.forEach(settle);
  const sorted = lanes.map((lane) => lane);
  for (const sweep of [0, 1, 2, 3]) {
    const places = sorted.map((_, place) => place);
    for (const place of sweep % 2 ? places.reverse() : places) {
      const parts = [...groups(sorted[place]!, (item) => item.group).values()].map((part) => {
        const inner = part.map((item) => ({ item, key: middle([item.id]) ?? at.get(item.id)! }));
        inner.sort((one, other) => one.key - other.key);
        const ids = part.map((item) => item.id);
        return { key: middle(ids) ?? at.get(ids[0]!)!, items: inner.map((entry) => entry.item) };
      });
      parts.sort((one, other) => one.key - other.key);
      sorted[place] = parts.flatMap((part) => part.items);
      settle(sorted[place]!);
    }
  }
  return sorted;
}

function place(
  lanes: Item[][],
  counts: number[],
  weights: Map<string, [string, string, number]>,
  boxOf: Map<string, string>,
): Layout {
  const tallest = Math.max(1, ...lanes.map((lane) => lane.length));
  const height = TOP + tallest * ROW;
  const boxes = new Map<string, Box>();
  const drawn: Lane[] = [];
  let x = 0;
  lanes.forEach((lane, number) => {
    const longest = Math.max(...lane.map((item) => item.label.length));
    const width = Math.min(260, Math.max(150, longest * 6.7 + 38));
    const start = tallest > MOST_CENTRED ? TOP : TOP + ((tallest - lane.length) * ROW) / 2;
    lane.forEach((item, row) => {
      const { id, label, sub, node, existing, members } = item;
      boxes.set(id, { id, lane: number, x, y: start + row * ROW, width, label, sub, node, existing, members });
    });
    drawn.push({ name: lane[0]!.lane, x, width, count: counts[number]! });
    x += width + LANE_GAP;
  });
  const links = [...weights].map(([id, [from, to, weight]]) => {
    return { id, from, to, weight, path: curve(boxes.get(from)!, boxes.get(to)!) };
  });
  return { lanes: drawn, boxes: [...boxes.values()], links, width: x - LANE_GAP, height, boxOf };
}

function curve(from: Box, to: Box): string {
  const [y1, y2] = [from.y + HEIGHT / 2, to.y + HEIGHT / 2];
  if (from.lane === to.lane) {
    const side = from.x + from.width;
    const out = side + 30;
    return `M${side},${y1}C${out},${y1} ${out},${y2} ${side},${y2}`;
  }
  const [x1, x2] = from.x < to.x ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const half = (x2 - x1) / 2;
  return `M${x1},${y1}C${x1 + half},${y1} ${x2 - half},${y2} ${x2},${y2}`;
}

/** A node, all that it comes from, and all that comes from it. */
export function lineage(plan: Plan, id: string): Set<string> {
  const found = new Set([id]);
  for (const [here, there] of [
    [1, 0],
    [0, 1],
  ] as const) {
    const next = new Map<string, string[]>();
    for (const edge of plan.edges) add(next, edge[here], edge[there]);
    const waiting = [id];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const other of next.get(at) ?? []) {
        if (found.has(other)) continue;
        found.add(other);
        waiting.push(other);
      }
    }
  }
  return found;
}
