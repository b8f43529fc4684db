// Starts one of the two windows. Nothing is decided here.

import { mount } from "svelte";
import { shell, whichWindow } from "./backend/bridge";
import "./design/fonts.css";
import "./design/tokens.css";
import "./design/base.css";
import { lockDown } from "./design/lockdown";
import { CitizenSide } from "./features/citizen/side.svelte";
import { Desk } from "./features/desk.svelte";
import CitizenApp from "./screens/CitizenApp.svelte";
import OperatorApp from "./screens/OperatorApp.svelte";

const target = document.getElementById("app");
const which = whichWindow(location.search);

async function start(into: HTMLElement): Promise<void> {
  lockDown(document);
  if (which === "operator") {
    const desk = new Desk(shell);
    mount(OperatorApp, { target: into, props: { desk } });
    await desk.boot();
  } else {
    const side = new CitizenSide(shell);
    mount(CitizenApp, { target: into, props: { side, backend: shell } });
    await shell.onEvent((event) => side.take(event));
    await side.load();
  }
}

/** Painted: the fonts are there and two frames have gone by. */
async function painted(): Promise<void> {
  await document.fonts.ready;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
}

if (target) {
  void start(target);
  void painted().then(() => shell.ready(which));
}
