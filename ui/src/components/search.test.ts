import { describe, expect, it } from "vitest";
import { communes, countries, provinceOfCommune, provinces } from "./places";
import { entry, exactly, find, fold } from "./search";

describe("finding without accents", () => {
  it.each([
    ["Đặng Thuỳ", "dang thuy"],
    ["Ðức", "duc"],
    ["hoà", "hoa"],
    ["hòa", "hoa"],
    ["  ƯNG  VƯỢNG ", "ung vuong"],
  ])("folds %s", (text, folded) => expect(fold(text)).toBe(folded));

  it("puts whole names first, then beginnings, then words inside, then initials", () => {
    const list = ["Xã Mường Chà", "Xã Mường", "Xã Nậm Mường", "Xã Bản Cát"].map((label, i) =>
      entry(String(i), label, label.replace("Xã ", "")),
    );
    expect(find(list, "muong", 9).map((one) => one.label)).toEqual(["Xã Mường", "Xã Mường Chà", "Xã Nậm Mường"]);
    expect(find(list, "bc", 9).map((one) => one.label)).toEqual(["Xã Bản Cát"]);
    expect(find(list, "zzz", 9)).toEqual([]);
    expect(find(list, "", 2)).toHaveLength(2);
  });

  it("takes an entry only where the text names it alone", () => {
    const twins = [entry("1", "Xã Tân Lập", "Tân Lập"), entry("2", "Phường Tân Lập", "Tân Lập")];
    expect(exactly(twins, "tan lap")).toBeUndefined();
    expect(exactly(twins, "xa tan lap")?.value).toBe("1");
  });

  it("knows the units of today", () => {
    expect(provinces).toHaveLength(34);
    expect(find(provinces, "dien bien", 3)[0]?.value).toBe("11");
    expect(find(provinces, "hcm", 3)[0]?.label).toBe("Thành phố Hồ Chí Minh");
    const here = communes("11");
    expect(here.length).toBeGreaterThan(40);
    expect(here.every((one) => provinceOfCommune(one.value) === "11")).toBe(true);
    expect(communes("").length).toBeGreaterThan(3000);
    expect(communes("")[0]?.detail).toBe("Thành phố Hà Nội");
    expect(provinceOfCommune("99999")).toBe("");
    expect(countries("vi").some((one) => one.value === "VN")).toBe(false);
  });
});
