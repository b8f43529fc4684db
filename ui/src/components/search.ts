// Finding an entry of a list by what is typed, accents and case aside. The same order as in the domain: names
// that start with it, then names with a word that starts with it, then initials ("hcm").

/** The search form of a text: no marks, đ as d, lower case, single spaces. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[đĐðÐ]/g, "d")
    .toLowerCase()
    .trim()
    .replace(/\s+/g, " ");
}

export interface Entry {
  value: string;
  label: string;
  /** Beside the label, smaller. */
  detail?: string;
  /** The folded name without the word for its kind. */
  key: string;
  /** The whole label, folded. */
  whole: string;
}

export function entry(value: string, label: string, name = label, detail?: string): Entry {
  return { value, label, key: fold(name), whole: fold(label), ...(detail === undefined ? {} : { detail }) };
}

const initials = (key: string): string => key.split(" ").map((word) => word.charAt(0)).join("");

/** The entries that fit, best first, at most `max`. Nothing typed: the list as it is. */
export function find(entries: readonly Entry[], typed: string, max: number): Entry[] {
  const wanted = fold(typed);
  if (wanted === "") return entries.slice(0, max);
  const ranks: Entry[][] = [[], [], [], []];
  for (const one of entries) {
    const rank = one.key === wanted || one.whole === wanted ? 0
      : one.key.startsWith(wanted) || one.whole.startsWith(wanted) ? 1
      : ` ${one.key}`.includes(` ${wanted}`) ? 2
      : wanted.length > 1 && initials(one.key).startsWith(wanted) ? 3
      : -1;
    ranks[rank]?.push(one);
  }
  return ranks.flat().slice(0, max);
}

/** The one entry that the text names in full; undefined where none or several do. */
export function exactly(entries: readonly Entry[], typed: string): Entry | undefined {
  const wanted = fold(typed);
  const same = entries.filter((one) => one.key === wanted || one.whole === wanted);
  return same.length === 1 ? same[0] : undefined;
}
