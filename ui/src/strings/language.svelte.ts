// Which language this window speaks, and how a key or a pair of words becomes a text in it.

import type { Language, Words } from "../backend/types";
import { en } from "./en";
import { vi, type StringKey, type Strings } from "./vi";

const tables: Record<Language, Strings> = { vi, en };

class Spoken {
  current = $state<Language>("vi");

  set(language: Language): void {
    this.current = language;
    document.documentElement.lang = language;
  }
}

export const language = new Spoken();

/** The text of a key, with `{name}` filled in. Reactive: it follows the language. */
export function t(key: StringKey, values: Record<string, string | number> = {}): string {
  return tables[language.current][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

/** One side of a pair of words that came with a view. */
export function say(words: Words): string {
  return language.current === "vi" ? words.vi : words.en;
}

/** A number with the separators of the language: 1.250.000. */
export function grouped(number: number): string {
  return new Intl.NumberFormat(language.current === "vi" ? "vi-VN" : "en-GB").format(number);
}

/** A file size as a person reads it. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  const [value, unit] = [bytes / 1024 ** power, ["B", "KB", "MB", "GB"][power]];
  const shown = value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  return `${grouped(shown)} ${unit}`;
}
