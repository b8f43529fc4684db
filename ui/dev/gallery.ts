// The gallery: `gallery.html?scene=home` shows one screen with invented views, with no Rust behind it. Without a
// scene it lists them. `&theme=contrast` and `&lang=en` show the other looks, `&keyboard` the keyboard on the
// screen; `&audit` writes into the page what only a laid-out page can tell: colour contrast at AAA, text that is cut
// or scrolls sideways, targets below 64 px, words below 22 px. Not part of the product's bundle.

import { mount, tick } from "svelte";
import "../src/design/base.css";
import "../src/design/fonts.css";
import "../src/design/tokens.css";
import { look } from "../src/design/look.svelte";
import { scenes, withKeyboard, type Scene } from "../src/fixtures/scenes";
import { play } from "../src/fixtures/stage";
import CitizenApp from "../src/screens/CitizenApp.svelte";
import OperatorApp from "../src/screens/OperatorApp.svelte";
import { language } from "../src/strings/language.svelte";
import { typing } from "../src/typing/typing.svelte";

/** Buttons and inputs that a finger may miss; a radio's target is its label. */
function smallTargets(): string[] {
  const targets = [...document.querySelectorAll<HTMLElement>("button, label:has(input), input:not([type=radio], [type=checkbox]), [role=option]")];
  const sizes = targets.map((one) => [one, one.getBoundingClientRect()] as const);
  return sizes
    .filter(([one, box]) => one.offsetParent !== null && box.width > 2 && (box.height < 63.5 || box.width < 63.5))
    .map(([one, box]) => `${one.dataset["testid"] ?? one.textContent?.trim()} ${Math.round(box.width)}x${Math.round(box.height)}`);
}

/** What no scrolling brings into sight: outside the window, with nothing around it that scrolls. */
function lost(): string[] {
  const comes = (one: Element | null, down: boolean): boolean => {
    for (let at = one?.parentElement ?? null; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (scrolls(down ? style.overflowY : style.overflowX)) return true;
    }
    return false;
  };
  const shown = [...document.querySelectorAll<HTMLElement>("button, input, h1, h2, p, dd, [role=option]")].filter((one) => one.offsetParent !== null && one.getClientRects().length > 0);
  const outside = shown.filter((one) => {
    const box = one.getBoundingClientRect();
    if (box.width <= 2 || box.height <= 2 || one.closest(".seen-by-readers")) return false;
    const below = box.bottom > innerHeight + 1 && !comes(one, true);
    const beside = box.right > innerWidth + 1 && !comes(one, false);
    return below || beside;
  });
  return outside.map((one) => `${one.tagName} ${one.dataset["testid"] ?? one.textContent?.trim().slice(0, 40)}`);
}

/** A name of an element that a person can find it by. */
const nameOf = (one: Element): string => `${one.tagName} ${(one as HTMLElement).dataset["testid"] ?? one.className} "${(one.textContent ?? "").trim().slice(0, 40)}"`;

const scrolls = (way: string): boolean => way === "auto" || way === "scroll";

/** Panes that scroll beside their text, text that is cut beside or below, and words that stick out of their button. */
function cut(): string[] {
  const all = [...document.querySelectorAll<HTMLElement>("body *")].filter((one) => one.clientWidth > 2 && !(one instanceof HTMLInputElement) && !one.closest("svg, .seen-by-readers"));
  return all.flatMap((one) => {
    const style = getComputedStyle(one);
    const beside = one.scrollWidth > one.clientWidth + 1 && (style.overflowX !== "visible" || one.matches("button, label, td, th"));
    // A strip of a picture is meant to show a part of it.
    const words = (one.textContent ?? "").trim() !== "";
    const below = words && one.scrollHeight > one.clientHeight + 1 && style.overflowY !== "visible" && !scrolls(style.overflowY) && one.clientHeight > 2;
    const spilt = one.scrollHeight > one.clientHeight + 1 && one.matches("button") && style.overflowY === "visible";
    return [
      ...(beside ? [`${nameOf(one)} ${one.scrollWidth}>${one.clientWidth} wide`] : []),
      ...(below || spilt ? [`${nameOf(one)} ${one.scrollHeight}>${one.clientHeight} high`] : []),
    ];
  });
}

/** The house promise: nothing that is to be read is smaller. */
const TYPE_PX_MIN = 22;

/** Words in sight that are written smaller than that; what is written in fields and in place of an answer counts. */
function tiny(): string[] {
  const said: [Element, number][] = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const one = text.parentElement;
    if (!one || (text.textContent ?? "").trim() === "" || one.closest("script, style, .seen-by-readers, [hidden]")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width > 2 && box.height > 2 && getComputedStyle(one).visibility === "visible" && !clipped(one)) said.push([one, parseFloat(getComputedStyle(one).fontSize)]);
  }
  for (const one of document.querySelectorAll<HTMLInputElement>("input:not([type=radio], [type=checkbox])")) {
    if (one.offsetParent === null && !one.closest("dialog")) continue;
    said.push([one, parseFloat(getComputedStyle(one).fontSize)]);
    if (one.placeholder) said.push([one, parseFloat(getComputedStyle(one, "::placeholder").fontSize)]);
  }
  return said.filter(([, size]) => size < TYPE_PX_MIN - 0.01).map(([one, size]) => `${nameOf(one)} ${size} px`);
}

/** The middle of words that another thing lies on; what scrolls under a foot or a keyboard is cut there, not covered. */
function covered(): string[] {
  const top = [...document.querySelectorAll("dialog[open]")].at(-1);
  const walk = document.createTreeWalker(top ?? document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const one = text.parentElement;
    if (!one || (text.textContent ?? "").trim() === "" || one.closest("script, style, .seen-by-readers, [hidden]") || clipped(one)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getClientRects()[0];
    if (!box || box.width <= 2) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (!inSight(one, x, y)) continue;
    const there = document.elementFromPoint(x, y);
    if (!there || there.contains(one) || one.contains(there) || there.closest("[data-keyboard], .more")) continue;
    found.push(`${nameOf(one)} under ${nameOf(there)}`);
  }
  return found;
}

/** The point is in the window and in every box around it that cuts. */
function inSight(one: Element, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false;
  for (let at: Element | null = one; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.overflowX === "visible" && style.overflowY === "visible") continue;
    const box = at.getBoundingClientRect();
    // Beside its edge a half of a point is neither here nor there.
    if (x < box.left + 2 || x > box.right - 2 || y < box.top + 2 || y > box.bottom - 2) return false;
  }
  return true;
}

/** Inside something that only readers hear. */
function clipped(one: Element): boolean {
  for (let at: Element | null = one; at; at = at.parentElement) if (getComputedStyle(at).clipPath.startsWith("inset(50%")) return true;
  return false;
}

/** The keyboard on the screen and the field that it writes into are both in sight, and neither covers the other. */
function typingOutOfSight(): string[] {
  const keyboard = document.querySelector("[data-keyboard]")?.getBoundingClientRect();
  const field = typing.into?.getBoundingClientRect();
  if (!typing.keyboard) return [];
  if (!keyboard || !field) return ["no keyboard"];
  const inside = (box: DOMRect): boolean => box.top >= -1 && box.bottom <= innerHeight + 1 && box.left >= -1 && box.right <= innerWidth + 1;
  return [...(inside(keyboard) ? [] : ["the keyboard"]), ...(inside(field) && field.bottom <= keyboard.top + 1 ? [] : ["the field"])];
}

/** Faults of every kind that the audit looks for: if it does not find these, it finds nothing. */
function plant(): void {
  const bad = document.createElement("div");
  bad.innerHTML = `<p style="color:#666;background:#fff">grey on white</p><button type="button" style="width:30px;height:30px"></button>
    <div style="width:200px;overflow:hidden;white-space:nowrap">a line that is much longer than the room that it was given here</div>
    <div style="height:30px;overflow:clip;font-size:24px;line-height:1.4;width:120px">cut below: two lines or three</div>
    <p style="font-size:21px;color:#000;background:#fff">too small a word</p>
    <input aria-label="an answer" data-testid="an answer" style="font-size:20px;height:70px;width:200px" value="too small an answer">
    <p style="position:fixed;top:10px;left:10px;font-size:24px;color:#000;background:#fff">words under another</p><div style="position:fixed;top:10px;left:10px;width:300px;height:40px;background:#fff"></div>
    <button type="button" style="position:fixed;top:2000px;width:70px;height:70px">lost</button>`;
  document.body.append(bad);
  const keyboard = document.querySelector<HTMLElement>("[data-keyboard]");
  if (keyboard) keyboard.style.transform = "translateY(900px)";
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
    cut: cut(),
    tiny: tiny(),
    covered: covered(),
    lost: [...lost(), ...typingOutOfSight()],
    small: smallTargets(),
  };
  write(found);
}

function write(found: object): void {
  const out = document.createElement("pre");
  out.id = "audit";
  out.hidden = true;
  out.textContent = JSON.stringify(found);
  document.body.append(out);
}

/** As after a finger's tap on the field that one would type in next. */
function openKeyboard(): void {
  const scope = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  const field = scope.querySelector<HTMLInputElement>("input[type=text], input[type=search], input[type=url], input[type=password]");
  if (!field) throw new Error("no field to type in");
  typing.keyboard = true;
  typing.into = field;
  field.focus();
}

/** What the address asks for, once the screen stands as the scene says. */
async function show(scene: Scene): Promise<void> {
  try {
    await play(asked.has("nowhere") ? ["nowhere"] : scene.presses);
    if (asked.has("keyboard")) {
      openKeyboard();
      await tick();
    }
    if (asked.has("planted")) plant();
    if (asked.has("audit")) await audit();
  } catch (fault) {
    write({ violations: [`the scene does not stand: ${String(fault)}`], cut: [], tiny: [], covered: [], lost: [], small: [] });
  }
}

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const make = scenes[asked.get("scene") ?? ""];

if (target && make) {
  const scene = make();
  // Chosen by the citizen and for the machine: a welcome takes back the first.
  if (asked.get("theme") === "contrast") [look.contrast, look.machine] = [true, { ...look.machine, contrast: true }];
  if (asked.has("bigger")) look.bigger = true;
  if (asked.get("lang") === "en") language.set("en");
  if (scene.window === "operator") mount(OperatorApp, { target, props: { desk: scene.desk } });
  else mount(CitizenApp, { target, props: { side: scene.side, backend: scene.backend } });
  void show(scene);
} else if (target) {
  document.body.style.overflow = "auto";
  for (const name of Object.keys(scenes)) {
    const link = document.createElement("a");
    link.href = `?scene=${name}`;
    link.textContent = name;
    link.style.display = "block";
    if (withKeyboard.includes(name)) link.dataset["keyboard"] = "";
    target.append(link);
  }
}
