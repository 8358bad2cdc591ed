// Talks to the server: the link's token is exchanged once for a key, which is then sent with every request.

import type { Changes, Plan, Step, Work, WorkKind } from "./types";

const KEY = "cartridge-key";

/** What the page reads the plan from. A file for a ticket answers from itself, and changes nothing. */
export interface Api {
  readonly isStatic: boolean;
  plan(): Promise<Plan>;
  step(id: string): Promise<Step>;
  change(changes: Changes): Promise<Plan>;
  save(revision: number): Promise<{ file: string }>;
  start(kind: WorkKind, revision: number): Promise<Work>;
  work(): Promise<Work | null>;
}

class Refused extends Error {}

async function ask<T>(path: string, body?: unknown, key = sessionStorage.getItem(KEY) ?? ""): Promise<T> {
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  let answer: Response;
  try {
    answer = await fetch(path, { ...sent, headers: { "Content-Type": "application/json", "X-Cartridge-Key": key } });
  } catch {
    throw new Refused("cartridge does not answer: the command in the terminal has ended. Start it again.");
  }
  const content = (await answer.json()) as T & { error?: string };
  if (!answer.ok) throw new Refused(content.error ?? `The server answered ${answer.status}.`);
  return content;
}

class Server implements Api {
  readonly isStatic = false;
  plan = () => ask<Plan>("/api/plan");
  step = (id: string) => ask<Step>(`/api/step/${id}`);
  change = (changes: Changes) => ask<Plan>("/api/changes", changes);
  save = (revision: number) => ask<{ file: string }>("/api/save", { revision });
  start = (kind: WorkKind, revision: number) => ask<Work>(`/api/${kind}`, { revision });
  work = async () => (await ask<{ work: Work | null }>("/api/work")).work;
}

class Sheet implements Api {
  readonly isStatic = true;
  constructor(private readonly held: { plan: Plan; steps: Record<string, Step> }) {}
  plan = async () => this.held.plan;
  step = async (id: string) => this.held.steps[id]!;
  change = () => this.refuse();
  save = () => this.refuse();
  start = () => this.refuse();
  work = async () => null;
  private refuse(): Promise<never> {
    return Promise.reject(new Refused("This is a copy to look at. Run cartridge review on the plan to change it."));
  }
}

/** Enter with the link's token, with the key from before, or into the plan that the file holds. */
export async function open(): Promise<Api> {
  const held = document.getElementById("cartridge-plan");
  if (held) return new Sheet(JSON.parse(held.textContent ?? ""));
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname);
    try {
      sessionStorage.setItem(KEY, (await ask<{ key: string }>("/api/session", { token }, "")).key);
    } catch (fault) {
      if (!sessionStorage.getItem(KEY)) throw fault;
    }
  }
  return new Server();
}
