import { describe, expect, it } from "vitest";
import { shortName } from "./name";

describe("a counter's name", () => {
  it.each([
    ["Quầy 1, xã Na Sang", 34, "Quầy 1, xã Na Sang"],
    ["Trung tâm Phục vụ hành chính công xã Mường Phăng, quầy số 3", 34, "… công xã Mường Phăng, quầy số 3"],
    ["Trung tâm Phục vụ hành chính công xã Mường Phăng, quầy số 3", 84, "Trung tâm Phục vụ hành chính công xã Mường Phăng, quầy số 3"],
    ["Mườngphăngmườngphăngmườngphăngmườngphăng", 34, "… Mườngphăngmườngphăngmườngphăngmườngphăng"],
  ])("%s within %i letters is %s", (name, max, shown) => expect(shortName(name, max)).toBe(shown));
});
