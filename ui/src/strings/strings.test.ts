import { describe, expect, it } from "vitest";
import { en } from "./en";
import { grouped, language, say, size, t } from "./language.svelte";
import { vi, type StringKey } from "./vi";

const keys = Object.keys(vi) as StringKey[];
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe("the words", () => {
  it("exist in both languages, with the same holes, in one normal form", () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(vi[key].trim(), key).not.toBe("");
      expect(en[key].trim(), key).not.toBe("");
      expect(holes(en[key]), key).toEqual(holes(vi[key]));
      expect(vi[key].normalize("NFC"), key).toBe(vi[key]);
    }
  });

  it("never promise what only an official code may promise", () => {
    for (const key of keys) expect(vi[key].toLowerCase(), key).not.toContain("đã nộp");
  });

  it("follow the language and fill their holes", () => {
    language.set("vi");
    expect(t("step_of", { n: 2, of: 6 })).toBe("Trang 2 / 6");
    expect(t("step_of", { n: 2 })).toBe("Trang 2 / {of}");
    expect(say({ vi: "một", en: "one" })).toBe("một");
    language.set("en");
    expect(t("step_of", { n: 2, of: 6 })).toBe("Page 2 of 6");
    expect(document.documentElement.lang).toBe("en");
    language.set("vi");
  });

  it("write numbers and sizes as people read them", () => {
    expect(grouped(1_250_000)).toBe("1.250.000");
    expect([size(512), size(412_000), size(3_870_000), size(25 * 1024 * 1024), size(14_200_000_000)]).toEqual(["512 B", "402 KB", "3,7 MB", "25 MB", "13,2 GB"]);
  });
});
