import { describe, expect, it } from "vitest";
import { catalogue } from "../../fixtures/catalogue";
import { arrow, byDomain } from "./cards";

describe("procedures by field", () => {
  it("keep the catalogue's order and lose none", () => {
    const domains = byDomain(catalogue);
    expect(domains.map((one) => one.name).slice(0, 3)).toEqual(["Hộ tịch", "Chứng thực", "Đăng ký, quản lý cư trú"]);
    expect(domains.flatMap((one) => one.cards)).toHaveLength(catalogue.length);
    expect(new Set(domains.map((one) => one.name)).size).toBe(domains.length);
    expect(byDomain([])).toEqual([]);
  });
});

describe("an arrow key", () => {
  // 0 1 2
  // 3
  // 4 5
  const boxes = [[0, 0], [0, 100], [0, 200], [50, 0], [90, 0], [90, 100]].map(([top, left]) => ({ top: top!, left: left! }));
  it.each<[string, number, number | null]>([
    ["ArrowRight", 0, 1],
    ["ArrowRight", 5, 5],
    ["ArrowLeft", 0, 0],
    ["ArrowLeft", 3, 2],
    ["ArrowDown", 2, 3],
    ["ArrowDown", 3, 4],
    ["ArrowDown", 5, 5],
    ["ArrowUp", 5, 3],
    ["ArrowUp", 3, 0],
    ["ArrowUp", 1, null],
  ])("%s from %i leads to %s", (key, from, to) => {
    expect(arrow(key, boxes, from)).toBe(to);
  });
});
