import { describe, expect, it } from "vitest";
import { telex, vni } from "./telex";

const type = (keys: string): string => keys.split(" ").map((word) => [...word].reduce(telex, "")).join(" ");

describe("telex", () => {
  it.each<[string, string]>([
    // Tones, and where they stand
    ["as", "á"], ["af", "à"], ["ar", "ả"], ["ax", "ã"], ["aj", "ạ"],
    ["hoaf", "hoà"], ["hofa", "hoà"], ["thuys", "thuý"], ["hoef", "hoè"], ["toans", "toán"], ["tosan", "toán"],
    ["mias", "mía"], ["muaf", "mùa"], ["maix", "mãi"], ["ngoaif", "ngoài"], ["ngoeos", "ngoéo"], ["ngoaof", "ngoào"],
    ["khuyru", "khuỷu"], ["gif", "gì"], ["giaf", "già"], ["gieengs", "giếng"], ["gins", "gín"], ["quys", "quý"], ["quaf", "quà"],
    ["ys", "ý"], ["loets", "loét"], ["huynhf", "huỳnh"],
    // Hats, horns and the crossed d, at once and late
    ["aa", "â"], ["ee", "ê"], ["oo", "ô"], ["aw", "ă"], ["ow", "ơ"], ["uw", "ư"], ["dd", "đ"],
    ["caan", "cân"], ["cana", "cân"], ["tieengs", "tiếng"], ["tiengse", "tiếng"], ["Vieetj", "Việt"], ["Vietej", "Việt"],
    ["nguyeenx", "nguyễn"], ["nguyenxe", "nguyễn"], ["dinhd", "đinh"], ["ddoongf", "đồng"], ["dongdof", "đồng"],
    ["hoawcj", "hoặc"], ["xoawn", "xoăn"], ["quawngj", "quặng"], ["quoocs", "quốc"], ["huees", "huế"], ["hues", "hué"],
    ["yeeu", "yêu"], ["yeue", "yêu"], ["tuaanf", "tuần"], ["khuaays", "khuấy"], ["awa", "â"], ["oow", "ơ"],
    // uow, uwow and their friends
    ["uow", "ươ"], ["dduowcj", "được"], ["ddwowcj", "được"], ["nguwowif", "người"], ["nguowif", "người"], ["ngwowif", "người"],
    ["nguoiwf", "người"], ["thuowng", "thương"], ["thuowr", "thuở"], ["huow", "huơ"], ["quow", "quơ"], ["ruouwj", "rượu"],
    ["uwowng", "ương"], ["uwong", "ương"], ["muaw", "mưa"], ["huwux", "hữu"], ["huuwx", "hữu"], ["tw", "tư"], ["w", "ư"],
    ["Lwowngf", "Lường"],
    // Taken back by the same key, or by z
    ["ass", "as"], ["aff", "af"], ["aaa", "aa"], ["eee", "ee"], ["ooo", "oo"], ["aww", "aw"], ["oww", "ow"], ["uoww", "uow"],
    ["ww", "w"], ["ddd", "dd"], ["asz", "a"], ["toansz", "toan"], ["az", "az"], ["asf", "à"], ["hoangff", "hoangf"], ["asss", "ass"],
    // Case, names, and what is no Vietnamese
    ["DDOONGF", "ĐỒNG"], ["DDoongf", "Đồng"], ["AAs", "Ấ"], ["W", "Ư"], ["Lof Thij Maay", "Lò Thị Mây"],
    ["Vangf A Paos", "Vàng A Páo"], ["DDawks Lawsk", "Đắk Lắk"], ["Kroong", "Krông"], ["Wilson", "Ưilson"], ["Wwilson", "Wilson"],
    ["Ksorr", "Ksor"], ["Kpaw", "Kpă"], ["Blus", "Blú"], ["khoeo", "khoeo"], ["xoong", "xông"], ["xooong", "xoong"],
    ["ddieenj thoaij", "điện thoại"], ["truwowngf hocj", "trường học"], ["giuwowngf", "giường"], ["uyeen", "uyên"], ["123", "123"],
  ])("%s is %s", (keys, text) => {
    expect(type(keys)).toBe(text);
    expect(type(keys).normalize("NFC")).toBe(type(keys));
  });

  it("goes on in a word that was not typed here, whatever its form", () => {
    expect(telex("hoa\u0300", "s")).toBe("hoá");
    expect(telex("HÒA", "N")).toBe("HOÀN");
    expect(telex("đương", "f")).toBe("đường");
  });

  it("loses no key: every pair of letters leaves something of both", () => {
    const letters = [..."abcdeghiklmnopqrstuvxyw"];
    for (const one of letters) for (const two of letters) expect(telex(one, two), one + two).not.toBe(one);
  });
});

describe("vni", () => {
  const typeVni = (keys: string): string => keys.split(" ").map((word) => [...word].reduce(vni, "")).join(" ");

  it.each<[string, string]>([
    ["a1", "á"], ["a2", "à"], ["a3", "ả"], ["a4", "ã"], ["a5", "ạ"], ["hoa2", "hoà"], ["thuy1", "thuý"], ["toan1", "toán"],
    ["a6", "â"], ["e6", "ê"], ["o6", "ô"], ["a8", "ă"], ["o7", "ơ"], ["u7", "ư"], ["d9", "đ"],
    ["Lo2 Thi5 Ma6y", "Lò Thị Mây"], ["Nguye6n4", "Nguyễn"], ["Nguyen64", "Nguyễn"], ["D9a8k1 La8k1", "Đắk Lắk"],
    ["d9u7o7ng2", "đường"], ["duong972", "đường"], ["ngu7o7i2", "người"], ["nguoi72", "người"], ["thuo73", "thuở"],
    ["mua7", "mưa"], ["hoa8c5", "hoặc"], ["quo6c1", "quốc"], ["tie6ng1", "tiếng"],
    // Taken back, and what is no mark
    ["a11", "a1"], ["a66", "a6"], ["o77", "o7"], ["a88", "a8"], ["d99", "d9"], ["toan10", "toan"], ["a0", "a0"],
    ["mua8", "mua8"], ["123", "123"], ["s7", "s7"], ["DD9", "DD9"], ["D9O6NG2", "ĐỒNG"],
  ])("%s is %s", (keys, text) => {
    expect(typeVni(keys)).toBe(text);
    expect(typeVni(keys).normalize("NFC")).toBe(typeVni(keys));
  });

  it("loses no digit", () => {
    for (const one of "abcdeghiklmnopqrstuvxy") for (const digit of "0123456789") expect(vni(one, digit), one + digit).not.toBe(one);
  });
});
