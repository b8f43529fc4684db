import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/design/tokens.css", "utf8");

function palette(selector: string): Record<string, string> {
  const at = css.indexOf(`${selector} {`);
  const block = css.slice(at, css.indexOf("}", at));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, WCAG 2.2. */
function ratio(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const TEXT: [string, string][] = [
  ...["paper", "surface", "sunken", "primary-tint"].flatMap((ground) => [["ink", ground], ["ink-soft", ground]] as [string, string][]),
  ["ink", "alarm-tint"],
  ["primary", "surface"],
  ["primary", "primary-tint"],
  ["primary", "sunken"],
  ["on-primary", "primary"],
  ["on-primary", "primary-deep"],
  ["on-good", "good"],
  ["alarm", "surface"],
  ["alarm", "alarm-tint"],
  ["alarm", "paper"],
  ["good", "good-tint"],
  ["notice", "notice-tint"],
];

describe("the colours", () => {
  it("measures contrast right: the control", () => {
    expect(ratio("#000000", "#ffffff")).toBeCloseTo(21);
    expect(ratio("#777777", "#ffffff")).toBeLessThan(4.5);
  });

  it.each([":root", ':root[data-theme="contrast"]'])("reach 7:1 for text and 3:1 for edges in %s", (selector) => {
    const colours = palette(selector);
    const of = (name: string) => colours[name] ?? "missing";
    for (const [text, ground] of TEXT) expect(ratio(of(text), of(ground)), `${text} on ${ground}`).toBeGreaterThanOrEqual(7);
    for (const ground of ["paper", "surface"]) expect(ratio(of("control"), of(ground)), `control on ${ground}`).toBeGreaterThanOrEqual(3);
  });
});

/** Shadows that are blurred: the third length of one is not nothing. */
function blurred(style: string): string[] {
  const shadows = [...style.matchAll(/box-shadow:([^;]+);/g)].flatMap((found) => (found[1] ?? "").split(/,(?![^(]*\))/));
  return shadows.filter((one) => /^\s*(?:inset\s+)?-?[\d.]+(?:px)?\s+-?[\d.]+(?:px)?\s+[1-9]/.test(one));
}

describe("a frame", () => {
  it("tells a blurred shadow from a ring and an edge: the control", () => {
    expect(blurred("box-shadow: 0 3px 12px rgb(0 0 0 / 0.1);")).toHaveLength(1);
    expect(blurred("box-shadow: 0 0 0 4px red, inset 8px 0 0 red;")).toHaveLength(0);
  });

  it("draws no blurred shadow, which costs more than all the rest of it where no graphics chip draws", () => {
    const styles = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.(css|svelte)$/.test(name));
    const found = styles.flatMap((name) => blurred(readFileSync(`src/${name}`, "utf8")).map((one) => `${name}: ${one.trim()}`));
    expect(styles.length).toBeGreaterThan(60);
    expect(found).toEqual([]);
  });
});

/** Sizes of type in a style that are below what the house promises; marks are drawn, not written. */
function tooSmall(style: string): string[] {
  const sizes = [...style.matchAll(/(--t-[\w-]+|font-size|font):[^;]*?\b([\d.]+)px/g)];
  return sizes.filter(([, , px]) => Number(px) < 22).map(([whole]) => whole);
}

describe("the type", () => {
  it("is measured where it is named and where it is used: the control", () => {
    expect(tooSmall("--t-small: 19px; font-size: 21.5px; font: 600 18px / 1.4 x;")).toHaveLength(3);
    expect(tooSmall("--t-small: 22px; font-size: 26px; padding: 4px; font-size: var(--t-base);")).toEqual([]);
  });

  it("is nowhere smaller than 22 px", () => {
    const styles = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.(css|svelte)$/.test(name));
    expect(styles.length).toBeGreaterThan(60);
    expect(styles.flatMap((name) => tooSmall(readFileSync(`src/${name}`, "utf8")).map((one) => `${name}: ${one}`))).toEqual([]);
  });
});
