import { describe, expect, it } from "vitest";
import type { Place } from "../../backend/types";
import { dossier } from "../../fixtures/views";
import { currentPage, onward, pageTroubles, previous } from "./walk";

const page = (id: string, back = false): Place => ({ place: "page", page: id, back_to_check: back });
const papers: Place = { place: "papers", back_to_check: false };

describe("the walk", () => {
  it.each<[string, Place, Place | null, Place | null]>([
    ["consent", { place: "consent" }, page("requester"), null],
    ["the first page", page("requester"), page("child"), { place: "consent" }],
    ["the last page", page("copies"), papers, page("father")],
    ["a page reached from check", page("child", true), { place: "check" }, { place: "check" }],
    ["papers", papers, { place: "check" }, page("copies")],
    ["papers reached from check", { place: "papers", back_to_check: true }, { place: "check" }, { place: "check" }],
    ["an incomplete check", { place: "check" }, null, papers],
    ["filing", { place: "filing" }, null, { place: "check" }],
  ])("from %s", (_name, here, on, back) => {
    expect(onward(dossier(here))).toEqual(on);
    expect(previous(dossier(here))).toEqual(back);
  });

  it("needs consent first and a complete form last", () => {
    expect(onward(dossier({ place: "consent" }, { consented: false }))).toBeNull();
    expect(onward(dossier({ place: "check" }, {}, true))).toEqual({ place: "filing" });
  });

  it("counts pages from one and knows what is amiss on each", () => {
    expect(currentPage(dossier(page("child")))).toMatchObject({ number: 2, of: 5 });
    expect(currentPage(dossier({ place: "check" }))).toBeNull();
    expect(pageTroubles(dossier(page("child")), "child").map((m) => m.kind)).toEqual(["faulty", "question"]);
    expect(pageTroubles(dossier(page("father")), "father")).toEqual([]);
  });
});
