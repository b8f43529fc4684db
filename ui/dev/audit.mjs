// The accessibility audit: every screen of both windows in every state, in a browser that lays them out, by axe-core
// with AAA contrast, at both monitors' sizes, in both looks and languages, and at 200 %.
//
// **The control comes first**: a page with planted faults must be found out, or nothing that follows counts.
//
// `node dev/audit.mjs [scene…]` prints what it finds and fails; with `--pictures FOLDER` it keeps what it saw.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { gallery } from "./pages.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Every scene is seen in each of these ways. */
const WAYS = [
  { name: "small", width: 1366, height: 768 },
  { name: "large-contrast", width: 1920, height: 1080, query: "&theme=contrast" },
  { name: "english", width: 1366, height: 768, query: "&lang=en" },
  { name: "zoomed", width: 1366, height: 768, zoom: 2 },
  { name: "keyboard", width: 1366, height: 768, query: "&keyboard", keyboard: true },
  { name: "keyboard-contrast", width: 1920, height: 1080, query: "&keyboard&theme=contrast", keyboard: true },
  { name: "bigger", width: 1366, height: 768, query: "&bigger", only: /^citizen-/ },
];

const arguments_ = process.argv.slice(2);
const keep = arguments_.includes("--pictures") ? arguments_.splice(arguments_.indexOf("--pictures"), 2)[1] : undefined;

async function see(browser, site, scene, way, more = "") {
  await browser.size(way.width, way.height, way.zoom);
  await browser.open(`${site.url}?scene=${scene}${way.query ?? ""}${more}&audit`, "document.querySelector('#audit') !== null");
  const found = JSON.parse(await browser.run("document.querySelector('#audit').textContent"));
  if (keep) {
    await browser.run("document.querySelector('#audit').remove()");
    writeFileSync(join(keep, `${scene}-${way.name}.png`), await browser.picture());
  }
  return [
    ...found.violations,
    ...found.cut.map((one) => `cut or scrolled sideways: ${one}`),
    ...found.tiny.map((one) => `smaller than 22 px: ${one}`),
    ...found.covered.map((one) => `covered: ${one}`),
    ...found.lost.map((one) => `cannot be reached: ${one}`),
    // At 200 % a target is twice as large to the finger.
    ...(way.zoom ? [] : found.small.map((one) => `smaller than 64 px: ${one}`)),
  ];
}

async function main() {
  if (keep) mkdirSync(keep, { recursive: true });
  process.chdir(ROOT);
  const site = await gallery(ROOT);
  const browser = await Browser.open();
  let faults = 0;
  let looks = 0;
  try {
    await browser.open(site.url, "document.querySelectorAll('a').length > 5");
    const all = await browser.run("[...document.querySelectorAll('a')].map((a) => a.textContent)");
    const typed = await browser.run("[...document.querySelectorAll('a[data-keyboard]')].map((a) => a.textContent)");
    const planted = (await see(browser, site, "home", WAYS[0], "&planted")).join("\n");
    for (const wanted of ["color-contrast-enhanced", "button-name", "smaller than 64 px", "longer than the room", "cut below", "too small a word", "an answer", "words under another", "cannot be reached"]) {
      if (!planted.includes(wanted)) throw new Error(`the control was not found out: ${wanted}\n${planted}`);
    }
    const unseen = (await see(browser, site, "home-full", WAYS[0], "&keyboard&planted")).join("\n");
    if (!unseen.includes("cannot be reached: the keyboard")) throw new Error(`a keyboard out of sight was not found out\n${unseen}`);
    const empty = (await see(browser, site, "home", WAYS[0], "&nowhere")).join("\n");
    if (!empty.includes("the scene does not stand")) throw new Error(`a press that finds nothing was not found out\n${empty}`);
    const scenes = arguments_.length > 0 ? all.filter((one) => arguments_.includes(one)) : all;
    for (const scene of scenes) {
      for (const way of WAYS.filter((one) => (one.only?.test(scene) ?? true) && (!one.keyboard || typed.includes(scene)))) {
        const found = await see(browser, site, scene, way);
        looks += 1;
        faults += found.length;
        for (const line of found) console.log(`${scene} (${way.name}): ${line}`);
      }
    }
    console.log(`${scenes.length} screens, ${looks} looks at them, ${faults} faults; the planted ones were found`);
  } finally {
    await browser.close();
    site.close();
  }
  process.exitCode = faults === 0 ? 0 : 1;
}

await main();
