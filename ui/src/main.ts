// Starts one of the two windows. Nothing is decided here.

import { mount } from "svelte";
import { shell, whichWindow } from "./backend/bridge";
import "./design/fonts.css";
import "./design/tokens.css";
import "./design/base.css";
import { lockDown } from "./design/lockdown";
import { stillness } from "./design/stillness";

const target = document.getElementById("app");

/** Each window loads its own side and nothing of the other's. */
async function start(into: HTMLElement): Promise<void> {
  lockDown(document);
  stillness.watch(window);
  // Asked for at once, and not when the first words of a screen want them.
  for (const weight of [400, 600, 700]) void document.fonts.load(`${weight} 22px "Be Vietnam Pro"`, "aăạđ");
  if (whichWindow(location.search) === "operator") {
    const [{ Desk }, { default: OperatorApp }] = await Promise.all([import("./features/desk.svelte"), import("./screens/OperatorApp.svelte")]);
    const desk = new Desk(shell);
    mount(OperatorApp, { target: into, props: { desk } });
    told(false);
    await desk.boot();
  } else {
    const [{ CitizenSide }, { default: CitizenApp }] = await Promise.all([import("./features/citizen/side.svelte"), import("./screens/CitizenApp.svelte")]);
    const side = new CitizenSide(shell);
    mount(CitizenApp, { target: into, props: { side, backend: shell } });
    told(false);
    await shell.onEvent((event) => side.take(event));
    await side.load();
  }
  told(true);
}

/** Tells the shell once it is painted: the fonts are there and two frames have gone by. */
function told(screen: boolean): void {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  void document.fonts.ready
    .then(frame)
    .then(frame)
    .then(() => shell.ready(screen));
}

if (target) void start(target);
