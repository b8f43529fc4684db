import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { meaning } from "./suggestions";

const FOLDER = "../assets/procedures";

/** Every suggestion in a procedure, wherever it stands. */
function suggestions(of: unknown): string[] {
  if (Array.isArray(of)) return of.flatMap(suggestions);
  if (of === null || typeof of !== "object") return [];
  const own = "suggest" in of && Array.isArray(of.suggest) ? of.suggest.map(String) : [];
  return [...own, ...Object.values(of).flatMap((one) => (Array.isArray(one) && one === (of as { suggest?: unknown }).suggest ? [] : suggestions(one)))];
}

describe("what is suggested", () => {
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => suggestions(JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"))));

  it("has its meaning in English, for every procedure of the box", () => {
    expect(all.length).toBeGreaterThan(50);
    expect([...new Set(all)].filter((one) => meaning(one) === undefined)).toEqual([]);
  });

  it("and what nobody translated has none: the control", () => expect(meaning("Không ai dịch")).toBeUndefined());
});
