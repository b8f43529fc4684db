import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { asProblem, shell, whichWindow } from "./bridge";

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

describe("the bridge", () => {
  it("gives an unknown window the least", () => {
    expect(whichWindow("?w=operator")).toBe("operator");
    expect(whichWindow("?w=citizen")).toBe("citizen");
    expect(whichWindow("")).toBe("citizen");
    expect(whichWindow("?w=admin")).toBe("citizen");
  });

  it("makes a Problem of anything that is thrown", () => {
    const problem = { code: "wrong_pin", layer: "key", retry: true, words: { vi: "a", en: "b" }, field: null };
    expect(asProblem(problem)).toBe(problem);
    for (const thrown of ["no", null, new Error("x"), {}]) expect(asProblem(thrown)).toMatchObject({ code: "internal", layer: "program" });
  });

  it("names a picture by its id, in either form", () => {
    expect(shell.fileUrl("file/ab-1")).toBe("dh://localhost/file/ab-1");
    expect(shell.fileUrl("ab-1")).toBe("dh://localhost/file/ab-1");
  });

  it("is the only place that knows the shell, and nothing is kept in the browser or run from text", () => {
    const sources = files("src").filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith(".test.ts"));
    expect(sources.length).toBeGreaterThan(50);
    for (const path of sources) {
      const text = readFileSync(path, "utf8");
      if (!path.startsWith(join("src", "backend"))) expect(text, path).not.toContain("@tauri-apps");
      for (const barred of ["localStorage", "sessionStorage", "indexedDB", "innerHTML", "{@html", "eval("]) expect(text, path).not.toContain(barred);
      expect(/\sstyle="/.test(text), `${path}: an inline style breaks the content policy`).toBe(false);
    }
  });
});
