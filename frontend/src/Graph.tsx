// The lineage: lanes, boxes and arrows, to be moved, zoomed and walked through with the arrow keys.

import { select } from "d3-selection";
import { zoom as zooming, zoomIdentity, type ZoomBehavior } from "d3-zoom";
import { memo } from "preact/compat";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { HEIGHT, type Box, type Layout } from "./layout";
import type { Plan, Status } from "./types";
import { isGood, LAYER_NAMES, statusWord } from "./words";

export interface Mark {
  status?: Status;
  severity?: "error" | "warning";
  gone?: boolean;
  changed?: boolean;
}

interface Props {
  plan: Plan;
  layout: Layout;
  selected: string | null;
  /** what the search found; null: nothing is sought */
  found: ReadonlySet<string> | null;
  marks: ReadonlyMap<string, Mark>;
  focused: boolean;
  onSelect: (id: string | null) => void;
  onOpen: (cluster: string) => void;
  onFocus: () => void;
  onGather?: () => void;
}

interface View {
  x: number;
  y: number;
  k: number;
  width: number;
  height: number;
}

/** A smaller scale cannot be read; then the graph begins at its left and top. */
const LEAST_READABLE = 0.52;
/** Pixels around what is seen that are drawn too. */
const MARGIN = 300;
/** More arrows than that are drawn lightly. */
const MANY_LINKS = 120;

export function Graph(props: Props) {
  const { layout, selected, found, marks, plan, onSelect, onOpen } = props;
  const svg = useRef<SVGSVGElement>(null);
  const scene = useRef<SVGGElement>(null);
  const behavior = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const [view, setView] = useState<View>({ x: 0, y: 0, k: 1, width: 900, height: 600 });

  useEffect(() => {
    const element = svg.current!;
    let pending = 0;
    const made = zooming<SVGSVGElement, unknown>()
      .scaleExtent([0.08, 2])
      .on("zoom", ({ transform }) => {
        scene.current!.setAttribute("transform", String(transform));
        cancelAnimationFrame(pending);
        pending = requestAnimationFrame(() => setView(seen(element, transform)));
      });
    behavior.current = made;
    select(element).call(made).on("dblclick.zoom", null);
    const watch = new ResizeObserver(() => setView((old) => ({ ...old, ...size(element) })));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const move = useCallback((x: number, y: number, k: number) => {
    const { width, height } = size(svg.current!);
    const to = zoomIdentity.translate(width / 2 - x * k, height / 2 - y * k).scale(k);
    select(svg.current!).call(behavior.current!.transform, to);
  }, []);

  const fit = useCallback(() => {
    const { width, height } = size(svg.current!);
    const whole = Math.min(1.1, (width - 48) / layout.width, (height - 48) / layout.height);
    const k = Math.max(whole, LEAST_READABLE);
    const middle = (length: number, room: number) => Math.min(length / 2, (room / 2 - 24) / k);
    move(middle(layout.width, width), middle(layout.height, height), k); // what finds no room begins at its left and top
  }, [layout, move]);

  const shape = `${layout.boxes.length}:${layout.width}:${layout.height}`;
  useEffect(() => fit(), [shape]);

  const own = selected ? layout.boxOf.get(selected) : undefined;
  useEffect(() => {
    const box = layout.boxes.find((one) => one.id === own);
    if (box && !inside(box, view)) move(box.x + box.width / 2, box.y + HEIGHT / 2, Math.max(view.k, 0.7));
  }, [own, shape]);

  // what the step itself reads and is read by, not all that stands in its pile
  const near = useMemo(() => {
    if (!selected || !own) return null;
    const links = new Set<string>();
    const boxes = new Set([own]);
    for (const [start, end] of plan.edges) {
      const [from, to] = [layout.boxOf.get(start), layout.boxOf.get(end)];
      if (!from || !to || (start !== selected && end !== selected)) continue;
      links.add(`${from}>${to}`);
      boxes.add(from).add(to);
    }
    return { links, boxes };
  }, [selected, own, layout, plan.edges]);

  const lit = (box: Box) => {
    if (!found && !near) return true;
    return near?.boxes.has(box.id) || (box.members ?? [box.id]).some((id) => found?.has(id));
  };
  const drawn = layout.boxes.filter((box) => inside(box, view, MARGIN));
  const byId = useMemo(() => new Map(layout.boxes.map((box) => [box.id, box])), [layout]);
  const links = layout.links.filter((link) => between(byId.get(link.from)!, byId.get(link.to)!, view));
  const tabStop = own ?? layout.boxes[0]?.id;

  const walk = (event: KeyboardEvent) => {
    const next = neighbour(layout, own ?? tabStop, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(next.members ? next.members[0]! : next.id);
    requestAnimationFrame(() => svg.current?.querySelector<SVGGElement>('[tabindex="0"]')?.focus());
  };

  return (
    <div class="graph">
      <svg ref={svg} role="group" aria-label="Lineage: from sources to marts" onKeyDown={walk} data-testid="graph">
        <rect class="ground" width="100%" height="100%" onClick={() => onSelect(null)} />
        <g ref={scene} class={layout.links.length > MANY_LINKS ? "many" : ""}>
          {layout.lanes.map((lane) => (
            <g key={lane.name} class="lane">
              <rect x={lane.x - 18} y={0} width={lane.width + 36} height={layout.height + 18} rx={14} />
              <text x={lane.x - 2} y={25}>
                {LAYER_NAMES[lane.name] ?? lane.name} <tspan>{lane.count}</tspan>
              </text>
            </g>
          ))}
          {links.map((link) => {
            const lighted = near?.links.has(link.id);
            const faint = !lighted && (near || found);
            return <path key={link.id} d={link.path} class={lighted ? "link near" : faint ? "link faint" : "link"} />;
          })}
          {drawn.map((box) => (
            <Node
              key={box.id}
              box={box}
              mark={markOf(box, marks)}
              selected={box.id === own}
              faint={!lit(box)}
              tabStop={box.id === tabStop}
              onPick={box.members ? onOpen : onSelect}
            />
          ))}
        </g>
      </svg>
      <div class="tools" role="toolbar" aria-label="View of the graph">
        <button onClick={() => select(svg.current!).call(behavior.current!.scaleBy, 1.3)} aria-label="Zoom in">
          +
        </button>
        <button onClick={() => select(svg.current!).call(behavior.current!.scaleBy, 1 / 1.3)} aria-label="Zoom out">
          −
        </button>
        <button onClick={fit}>Fit</button>
        <button onClick={props.onFocus} aria-pressed={props.focused} disabled={!selected && !props.focused}>
          Focus
        </button>
        {props.onGather && <button onClick={props.onGather}>Gather</button>}
      </div>
      <p class="legend" aria-hidden="true">
        {plan.existing.length > 0 && <span class="there">in the project</span>}
        {plan.changes.rejected.length > 0 && <span class="gone">left out</span>}
      </p>
    </div>
  );
}

interface NodeProps {
  box: Box;
  mark: string;
  selected: boolean;
  faint: boolean;
  tabStop: boolean;
  onPick: (id: string) => void;
}

const Node = memo(function Node({ box, mark, selected, faint, tabStop, onPick }: NodeProps) {
  const layer = box.existing ? "there" : (box.node?.layer ?? box.id.split(":")[1]!);
  const classes = ["node", `of-${layer.replaceAll(" ", "-")}`, ...mark.split(" ")];
  if (selected) classes.push("selected");
  if (faint) classes.push("faint");
  if (box.members) classes.push("cluster");
  const pick = () => onPick(box.id);
  const width = Math.floor((box.width - 34) / 6.9);
  return (
    <g
      class={classes.join(" ")}
      transform={`translate(${box.x},${box.y})`}
      role="button"
      tabindex={tabStop ? 0 : -1}
      aria-description={mark.replaceAll("-", " ") || undefined}
      aria-expanded={box.members ? false : undefined}
      aria-pressed={box.members ? undefined : selected}
      data-id={box.id}
      onClick={pick}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        pick();
      }}
    >
      {box.members && <rect class="behind" x={4} y={5} width={box.width} height={HEIGHT} rx={9} />}
      <rect class="card" width={box.width} height={HEIGHT} rx={9} />
      <rect class="stripe" x={0} y={10} width={3.5} height={HEIGHT - 20} rx={1.75} />
      <text class="label" x={14} y={20}>
        {short(box.label, width)}{" "}
        {box.label.length > width && <title>{box.label} </title>}
      </text>
      <text class="sub" x={14} y={36}>
        {short(box.sub, Math.floor((box.width - 28) / 5.6))}
      </text>
      {mark && <circle class="dot" cx={box.width - 13} cy={15} r={4.5} />}
    </g>
  );
});

/** The marks of a box as classes: those of the worst of its members. */
function markOf(box: Box, marks: ReadonlyMap<string, Mark>): string {
  const own = (box.members ?? [box.id]).flatMap((id) => marks.get(id) ?? []);
  const classes = new Set<string>();
  const statuses = own.flatMap((mark) => mark.status ?? []);
  const bad = statuses.find((status) => !isGood(status));
  if (own.some((mark) => mark.severity === "error")) classes.add("has-error");
  else if (bad) classes.add(`is-${statusWord(bad)}`);
  else if (statuses.length) classes.add("is-good");
  else if (own.some((mark) => mark.severity === "warning")) classes.add("has-warning");
  if (own.some((mark) => mark.changed)) classes.add("changed");
  if (own.length && own.every((mark) => mark.gone)) classes.add("left-out");
  return [...classes].join(" ");
}

function short(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, Math.max(1, most - 1))}…`;
}

const size = (element: SVGSVGElement) => ({ width: element.clientWidth || 900, height: element.clientHeight || 600 });

function seen(element: SVGSVGElement, transform: { x: number; y: number; k: number }): View {
  return { x: transform.x, y: transform.y, k: transform.k, ...size(element) };
}

function inside(box: Box, view: View, margin = 0): boolean {
  const [left, top] = [box.x * view.k + view.x, box.y * view.k + view.y];
  const [right, bottom] = [left + box.width * view.k, top + HEIGHT * view.k];
  return right > -margin && left < view.width + margin && bottom > -margin && top < view.height + margin;
}

/** Whether some of an arrow may be seen. */
function between(from: Box, to: Box, view: View): boolean {
  const [x1, x2] = [Math.min(from.x, to.x), Math.max(from.x + from.width, to.x + to.width)];
  const [y1, y2] = [Math.min(from.y, to.y), Math.max(from.y, to.y) + HEIGHT];
  return (
    x2 * view.k + view.x > 0 &&
    x1 * view.k + view.x < view.width &&
    y2 * view.k + view.y > 0 &&
    y1 * view.k + view.y < view.height
  );
}

/** Up and down within a lane; left and right along the arrows. */
function neighbour(layout: Layout, id: string | undefined, key: string): Box | undefined {
  const box = layout.boxes.find((one) => one.id === id);
  if (!box) return undefined;
  const nearest = (boxes: Box[]) => boxes.sort((one, other) => Math.abs(one.y - box.y) - Math.abs(other.y - box.y))[0];
  const byIds = (ids: string[]) => layout.boxes.filter((one) => ids.includes(one.id));
  const lane = layout.boxes.filter((one) => one.lane === box.lane);
  switch (key) {
    case "ArrowUp":
      return nearest(lane.filter((one) => one.y < box.y));
    case "ArrowDown":
      return nearest(lane.filter((one) => one.y > box.y));
    case "ArrowLeft":
      return nearest(byIds(layout.links.filter((link) => link.to === id).map((link) => link.from)));
    case "ArrowRight":
      return nearest(byIds(layout.links.filter((link) => link.from === id).map((link) => link.to)));
    default:
      return undefined;
  }
}
