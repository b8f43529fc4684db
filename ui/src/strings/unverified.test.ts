import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { unverifiedInEnglish } from "./unverified";

const FOLDER = "../assets/procedures";
interface Source {
  title: string;
  note?: string;
  sure: string;
}

describe("what was not verified", () => {
  const all = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => Object.values((JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8")) as { sources: Record<string, Source> }).sources))
    .filter((source) => source.sure === "M")
    .map(({ title, note }) => (note === undefined ? title : `${title}: ${note}`));

  it("is said in English, for every procedure of the box", () => {
    expect(all.length).toBeGreaterThan(50);
    expect([...new Set(all)].filter((one) => unverifiedInEnglish(one) === undefined)).toEqual([]);
  });

  it("and what nobody translated has none: the control", () => expect(unverifiedInEnglish("Không ai dịch")).toBeUndefined());
});
