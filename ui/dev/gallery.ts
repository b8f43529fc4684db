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

async function audit(): Promise<void> {
  await document.fonts.ready;
  const { default: axe } = await import("axe-core");
  const { violations } = await axe.run(document, { rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false } } });
  const wide = [...document.querySelectorAll<HTMLElement>("*")].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible" && one.clientWidth > 2);
  const found = {
    violations: violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 90)).join(" | ")}`),
    sideways: wide.map((one) => `${one.tagName} ${one.className} ${one.scrollWidth}>${one.clientWidth}`),
    small: smallTargets(),
  };
  const out = document.createElement("pre");
  out.id = "audit";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
}

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const make = scenes[asked.get("scene") ?? ""];

if (target && make) {
  const scene = make();
  if (asked.get("theme") === "contrast") look.contrast = true;
  if (asked.get("lang") === "en") language.set("en");
  if (scene.window === "operator") mount(OperatorApp, { target, props: { desk: scene.desk } });
  else mount(CitizenApp, { target, props: { side: scene.side, backend: scene.backend } });
  if (asked.has("keyboard")) {
    typing.keyboard = true;
    setTimeout(() => (typing.into = document.activeElement instanceof HTMLInputElement ? document.activeElement : null), 300);
  }
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
