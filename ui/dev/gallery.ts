// The gallery: `gallery.html?scene=home` shows one screen with invented views, with no Rust behind it. Without a
// scene it lists them. `&theme=contrast` and `&lang=en` show the other looks, `&keyboard` the keyboard on the
// screen; `&audit` writes into the page what only a laid-out page can tell: colour contrast at AAA, sideways
// scrolling, targets below 64 px. Not part of the product's bundle.

import { mount } from "svelte";
import "../src/design/base.css";
import "../src/design/fonts.css";
import "../src/design/tokens.css";
import { look } from "../src/design/look.svelte";
import { scenes } from "../src/fixtures/scenes";
import CitizenApp from "../src/screens/CitizenApp.svelte";
import OperatorApp from "../src/screens/OperatorApp.svelte";
import { language } from "../src/strings/language.svelte";
import { typing } from "../src/typing/typing.svelte";

/** Buttons and inputs that a finger may miss; a radio's target is its label. */
function smallTargets(): string[] {
  const targets = [...document.querySelectorAll<HTMLElement>("button, label:has(input), input:not([type=radio])")];
  const sizes = targets.map((one) => [one, one.getBoundingClientRect()] as const);
  return sizes
    .filter(([one, box]) => one.offsetParent !== null && box.width > 2 && (box.height < 63.5 || box.width < 63.5))
    .map(([one, box]) => `${one.dataset["testid"] ?? one.textContent?.trim()} ${Math.round(box.width)}x${Math.round(box.height)}`);
}

/** What no scrolling brings into sight: outside the window, with nothing around it that scrolls. */
function lost(): string[] {
  const scrolls = (one: Element | null, down: boolean): boolean => {
    for (let at = one?.parentElement ?? null; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const way = down ? style.overflowY : style.overflowX;
      if (way === "auto" || way === "scroll") return true;
    }
    return false;
  };
  const shown = [...document.querySelectorAll<HTMLElement>("button, input, h1, h2, p, dd, [role=option]")].filter((one) => one.offsetParent !== null && one.getClientRects().length > 0);
  const outside = shown.filter((one) => {
    const box = one.getBoundingClientRect();
    if (box.width <= 2 || box.height <= 2 || one.closest(".seen-by-readers")) return false;
    const below = box.bottom > innerHeight + 1 && !scrolls(one, true);
    const beside = box.right > innerWidth + 1 && !scrolls(one, false);
    return below || beside;
  });
  return outside.map((one) => `${one.tagName} ${one.dataset["testid"] ?? one.textContent?.trim().slice(0, 40)}`);
}

/** Panes that scroll beside their text, not inside it: a line that is cut has to be read in full elsewhere. */
function sideways(): string[] {
  const cut = [...document.querySelectorAll<HTMLElement>("*")].filter(
    (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible" && one.clientWidth > 2 && !(one instanceof HTMLInputElement),
  );
  return cut.map((one) => `${one.tagName} ${one.className} ${one.scrollWidth}>${one.clientWidth}`);
}

/** Faults of every kind that the audit looks for: if it does not find these, it finds nothing. */
function plant(): void {
  const bad = document.createElement("div");
  bad.innerHTML = `<p style="color:#666;background:#fff">grey on white</p><button type="button" style="width:30px;height:30px"></button>
    <div style="width:200px;overflow:hidden;white-space:nowrap">a line that is much longer than the room that it was given here</div>
    <button type="button" style="position:fixed;top:2000px;width:70px;height:70px">lost</button>`;
  document.body.append(bad);
}

async function audit(): Promise<void> {
  await document.fonts.ready;
  await new Promise((done) => setTimeout(done, 60));
  // A colour that is still on its way to another is neither: on a busy machine that takes longer than any wait.
  const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ending.map((one) => one.finished.catch(() => null)));
  const { default: axe } = await import("axe-core");
  const { violations } = await axe.run(document, { resultTypes: ["violations"], rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false } } });
  const found = {
    violations: violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 110)).join(" | ")}`),
    sideways: sideways(),
    lost: lost(),
    small: smallTargets(),
  };
  const out = document.createElement("pre");
  out.id = "audit";
  out.hidden = true;
  out.textContent = JSON.stringify(found);
  document.body.append(out);
}

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const make = scenes[asked.get("scene") ?? ""];

if (target && make) {
  const scene = make();
  if (asked.get("theme") === "contrast") look.contrast = true;
  if (asked.has("bigger")) look.bigger = true;
  if (asked.get("lang") === "en") language.set("en");
  if (scene.window === "operator") mount(OperatorApp, { target, props: { desk: scene.desk } });
  else mount(CitizenApp, { target, props: { side: scene.side, backend: scene.backend } });
  if (asked.has("keyboard")) {
    typing.keyboard = true;
    setTimeout(() => (typing.into = document.activeElement instanceof HTMLInputElement ? document.activeElement : null), 300);
  }
  if (asked.has("planted")) plant();
  if (asked.has("audit")) void audit();
} else if (target) {
  document.body.style.overflow = "auto";
  for (const name of Object.keys(scenes)) {
    const link = document.createElement("a");
    link.href = `?scene=${name}`;
    link.textContent = name;
    link.style.display = "block";
    target.append(link);
  }
}
