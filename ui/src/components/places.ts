// The units of today and the countries, bundled with the program so that choosing needs no round trip.

import nationalities from "../../../assets/units/nationalities.json";
import units from "../../../assets/units/units.json";
import { entry, type Entry } from "./search";

interface UnitsFile {
  provinces: { code: string; full_name: string; communes: [string, string][] }[];
}

const { provinces: read } = units as unknown as UnitsFile;

/** "Phường Ba Đình" is looked for as "ba dinh" too. */
const bare = (name: string): string => name.replace(/^(Thành phố|Tỉnh|Phường|Xã|Đặc khu) /, "");

export const provinces: Entry[] = read.map((p) => entry(p.code, p.full_name, bare(p.full_name)));

const communesOf = new Map<string, Entry[]>();
const provinceOf = new Map<string, string>(read.flatMap((p) => p.communes.map(([code]) => [code, p.code] as const)));

/** The communes of a province, or all of them with their province beside while none is chosen. Folded once. */
export function communes(province: string): Entry[] {
  const known = communesOf.get(province);
  if (known) return known;
  const wanted = read.filter((p) => province === "" || p.code === province);
  const made = wanted.flatMap((p) =>
    p.communes.map(([code, name]) => entry(code, name, bare(name), province === "" ? p.full_name : undefined)),
  );
  communesOf.set(province, made);
  return made;
}

export function provinceOfCommune(commune: string): string {
  return provinceOf.get(commune) ?? "";
}

export function countries(language: "vi" | "en"): Entry[] {
  return nationalities.filter((c) => c.code !== "VN").map((c) => entry(c.code, c[language]));
}
