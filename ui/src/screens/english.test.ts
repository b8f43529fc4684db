import { cleanup, render } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, it } from "vitest";
import { catalogue } from "../fixtures/catalogue";
import { event, lifeEvents } from "../fixtures/events";
import { listOf } from "../fixtures/lists";
import { scenes } from "../fixtures/scenes";
import { play } from "../fixtures/stage";
import { NAME_MAX, shortName } from "../features/kiosk/name";
import * as f from "../fixtures/views";
import { language } from "../strings/language.svelte";
import CitizenApp from "./CitizenApp.svelte";
import OperatorApp from "./OperatorApp.svelte";

/** Letters that only Vietnamese has, of all that may stand on these screens. */
const vietnamese = (text: string): boolean => /[đĐ\u0300-\u036f]/u.test(text.normalize("NFD"));

/** What is data and stays as it is written: names, notes, addresses; and whatever came as the English of a pair. */
function data(value: unknown): string[] {
  if (typeof value === "string") return vietnamese(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  // What an answer shows has an English of its own where it differs.
  const other = (name: string): boolean => name === "vi" || (name === "shown" && "shown_en" in value);
  return Object.entries(value).flatMap(([name, inner]) => (other(name) ? [] : data(inner)));
}

const DATA = [
  ...new Set([
    ...data({ ...f, whole: [f.dossier({ place: "check" }), f.dossier({ place: "check" }, {}, true), f.form("birth_declaration"), f.form("papers_handed_over")] }),
    ...data(shortName(f.longestName.counter_name, NAME_MAX)),
    ...data([catalogue, lifeEvents, event(f.DOSSIER), listOf("ethnic_groups")]),
  ]),
].sort((a, b) => b.length - a.length);

/** Names that are their own in every language: the program's, and the other language's. */
const NAMES = ["Đồng Hành", "Tiếng Việt"];

/** "20/2021/NĐ-CP": a law is cited by its number, in every language. */
const CITED = /\d+\/\d{4}\/[\p{Lu}\d-]+/gu;

/** What is left of a text without data, names, cited laws and the words that are quoted from a Vietnamese telephone or slip. */
const bare = (text: string): string => [...DATA, ...NAMES].reduce((left, known) => left.replaceAll(known, ""), text.replace(/“[^”]*”/gu, "")).replace(CITED, "");

/** Texts on the screen, and what readers hear in their place. */
function said(): string[] {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts: string[] = [];
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    if (!text.parentElement?.closest("script, style, [data-keyboard]")) texts.push(text.textContent ?? "");
  }
  for (const name of ["aria-label", "placeholder", "alt", "title"]) {
    for (const one of document.querySelectorAll(`[${name}]:not([data-keyboard] *)`)) texts.push(one.getAttribute(name) ?? "");
  }
  return texts;
}

const strays = (): string[] => said().filter((text) => vietnamese(bare(text)));

async function show(name: string, spoken: "vi" | "en"): Promise<void> {
  const scene = scenes[name]!();
  language.set(spoken);
  if (scene.window === "operator") render(OperatorApp, { desk: scene.desk });
  else render(CitizenApp, { side: scene.side, backend: scene.backend });
  await play(scene.presses);
  await tick();
}

afterEach(() => {
  cleanup();
  language.set("vi");
});

describe("in English", () => {
  it.each(Object.keys(scenes))("%s says nothing in Vietnamese but data", async (name) => {
    await show(name, "en");
    expect(strays()).toEqual([]);
  });

  it("a screen in Vietnamese is found out, and so is one word of it in a text or in a label: the control", async () => {
    await show("page", "vi");
    expect(strays().length).toBeGreaterThan(10);
    cleanup();
    await show("page", "en");
    const planted = document.createElement("p");
    planted.textContent = "Lò Thị Hương: đã lưu";
    planted.setAttribute("aria-label", "Đóng");
    document.body.append(planted);
    expect(strays()).toEqual(["Lò Thị Hương: đã lưu", "Đóng"]);
    planted.remove();
  });

  it("a name is data, and nothing else of the same view is: the control", () => {
    expect(DATA).toContain("Lò Thị Hương");
    expect(data({ label: { vi: "Ngày sinh", en: "Date of birth" }, shown: "Mẹ", shown_en: "Mother" })).toEqual([]);
  });
});
