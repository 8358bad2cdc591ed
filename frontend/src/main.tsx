// Opens the page.

import { render } from "preact";
import { open } from "./api";
import { App } from "./App";
import "./page.css";

// a new link that is opened where the page stands already differs in its token alone: the browser loads nothing
addEventListener("hashchange", () => location.hash && location.reload());

const root = document.getElementById("page")!;

try {
  const api = await open();
  const plan = await api.plan();
  document.title = `${plan.title} · cartridge review`;
  render(<App api={api} first={plan} />, root);
} catch (error) {
  render(
    <main class="closed">
      <h1>This page is closed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
    </main>,
    root,
  );
}
