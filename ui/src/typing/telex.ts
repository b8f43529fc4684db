// Vietnamese by Telex or VNI, one key at a time: what a word becomes when a key is struck at its end. Marks and tones may
// come late, tones stand in the new style (hoà, thuý), a key struck twice takes its mark back and stands as itself.
//
// Invariants: a key is never lost: it marks a letter or it is written. Case stays letter by letter.
// Deliberately absent: a dictionary. Names of minorities and foreigners are names too.

const VOWELS = "aăâeêioôơuưy";
const SYLLABLE = new RegExp(`^(qu|gi(?=[${VOWELS}])|[bcdđfghjklmnpqrstvwxz]*)([${VOWELS}]+)(ch|ng|nh|[ckmnpt])?$`);
/** Marked vowels that Vietnamese has; a mark that would make another is not set. */
const NUCLEI = new Set(
  "ă â ê ô ơ ư âu ây êu iê oă ôi ơi uâ uê uô uơ ưa ươ ưi ưu yê iêu yêu uây uôi ươi ươu uyê".split(" "),
);
const TONES: Record<string, string> = { s: "\u0301", f: "\u0300", r: "\u0309", x: "\u0303", j: "\u0323" };
const HATS: Record<string, string> = { a: "â", e: "ê", o: "ô" };
/** What the hat goes onto: the bare letter, or the same letter with the other mark. */
const UNDER_HAT: Record<string, string> = { a: "aă", e: "e", o: "oơ" };
const HORNS: Record<string, string> = { a: "ă", â: "ă", o: "ơ", ô: "ơ", u: "ư" };
const BARE: Record<string, string> = { ă: "a", ơ: "o", ư: "u", â: "a", ê: "e", ô: "o" };
const TONE = /[\u0300\u0301\u0303\u0309\u0323]/u;
/** Two vowels at the end of a word of which the second takes the tone. */
const SECOND = new Set(["oa", "oe", "uy", "uo", "ue", "ie", "ye"]);

interface Word {
  /** Lower case, with hats and horns, without the tone. */
  letters: string[];
  upper: boolean[];
  /** The tone's combining mark, or empty. */
  tone: string;
}

interface Parts {
  /** Where the vowels begin. */
  at: number;
  initial: string;
  nucleus: string;
  coda: string;
}

function read(text: string): Word {
  const word: Word = { letters: [], upper: [], tone: "" };
  for (const letter of text.normalize("NFC")) {
    const apart = letter.toLowerCase().normalize("NFD");
    word.tone = apart.match(TONE)?.[0] ?? word.tone;
    word.letters.push(apart.replace(TONE, "").normalize("NFC"));
    word.upper.push(letter !== letter.toLowerCase());
  }
  return word;
}

function parts(word: Word): Parts | null {
  const found = SYLLABLE.exec(word.letters.join(""));
  if (!found) return null;
  const [, initial = "", nucleus = "", coda = ""] = found;
  return { at: initial.length, initial, nucleus, coda };
}

/** Which of the vowels carries the tone. */
function bearer({ nucleus, coda }: Parts): number {
  const marked = [...nucleus].findLastIndex((vowel) => vowel in BARE);
  if (marked >= 0) return marked;
  if (nucleus.length === 1) return 0;
  return nucleus.length > 2 || coda !== "" || SECOND.has(nucleus) ? 1 : 0;
}

function write(word: Word): string {
  const syllable = parts(word);
  const bears = syllable ? syllable.at + bearer(syllable) : -1;
  const letters = word.letters.map((letter, i) => {
    const whole = (i === bears ? letter + word.tone : letter).normalize("NFC");
    return word.upper[i] ? whole.toUpperCase() : whole;
  });
  return letters.join("");
}

/** The word with other vowels and the same number of them. */
function vowels(word: Word, { at, nucleus }: Parts, made: string): Word {
  return { ...word, letters: word.letters.toSpliced(at, nucleus.length, ...made) };
}

function append(word: Word, key: string): Word {
  const lower = key.toLowerCase();
  return { ...word, letters: [...word.letters, lower], upper: [...word.upper, key !== lower] };
}

const put = (text: string, at: number, letter: string): string => text.slice(0, at) + letter + text.slice(at + 1);

function toned(word: Word, tone: string, key: string): Word | null {
  if (!parts(word)) return null;
  return word.tone === tone ? append({ ...word, tone: "" }, key) : { ...word, tone };
}

function hatted(word: Word, lower: string, key: string): Word | null {
  const found = parts(word);
  const hat = HATS[lower];
  if (!found || hat === undefined) return null;
  const held = found.nucleus.lastIndexOf(hat);
  if (held >= 0) return append(vowels(word, found, put(found.nucleus, held, lower)), key);
  const at = [...found.nucleus].findLastIndex((vowel) => UNDER_HAT[lower]?.includes(vowel));
  const made = at < 0 ? "" : put(found.nucleus, at, hat).replace("ưô", "uô");
  return NUCLEI.has(made) ? vowels(word, found, made) : null;
}

/** The vowels with horn or breve; null where there is none to set. */
function horned({ initial, nucleus, coda }: Parts): string | null {
  if (/uơ|ưo|u[oô]/.test(nucleus)) {
    const open = nucleus === "uo" && coda === "" && /^(h|kh|th)$/.test(initial);
    return open ? "uơ" : nucleus.replace(/[uư][oôơ]/, "ươ");
  }
  const made = [...nucleus].map((vowel, i) => put(nucleus, i, HORNS[vowel] ?? vowel));
  return made.find((one) => one !== nucleus && NUCLEI.has(one)) ?? null;
}

function hooked(word: Word, key: string): Word | null {
  const found = parts(word);
  if (!found) {
    const bare = word.letters.every((letter) => !VOWELS.includes(letter)) && !word.letters.includes("w");
    return bare ? { ...append(word, key), letters: [...word.letters, "ư"] } : null;
  }
  const made = horned(found);
  if (made !== null) return vowels(word, found, made);
  if (!/[ăơư]/.test(found.nucleus)) return null;
  // A lone ư may come from a lone w: the second one is the letter itself.
  if (found.nucleus === "ư" && found.coda === "") return { ...word, letters: word.letters.with(-1, "w") };
  return append(vowels(word, found, found.nucleus.replace(/[ăơư]/g, (vowel) => BARE[vowel] ?? vowel)), key);
}

function crossed(word: Word, key: string): Word | null {
  const [first] = word.letters;
  if (first === "đ") return append({ ...word, letters: word.letters.with(0, "d") }, key);
  if (first !== "d" || (word.letters.length > 1 && !parts(word))) return null;
  return { ...word, letters: word.letters.with(0, "đ") };
}

/** A letter that is only written. What follows shows what uơ and ưo were to be: thuơ, then thương. */
function written(word: Word, key: string): Word {
  const made = append(word, key);
  const found = parts(made);
  const half = found && /^(uơ|ưo)(?=.)/.test(found.nucleus + found.coda);
  return found && half ? vowels(made, found, found.nucleus.replace(/^(uơ|ưo)/, "ươ")) : made;
}

/** A word that stopped being a syllable keeps its tone where it was written. */
const settled = (made: Word, text: string, key: string): string => (made.tone !== "" && !parts(made) ? text + key : write(made));

/** The word after one more key. Letters that stand for nothing in Telex are written. */
export function telex(text: string, key: string): string {
  const word = read(text);
  const lower = key.toLowerCase();
  const tone = TONES[lower];
  const marked =
    tone !== undefined ? toned(word, tone, key)
    : lower === "z" && word.tone !== "" ? { ...word, tone: "" }
    : lower in HATS ? hatted(word, lower, key)
    : lower === "w" ? hooked(word, key)
    : lower === "d" ? crossed(word, key)
    : null;
  return settled(marked ?? written(word, key), text, key);
}

const DIGIT_TONES = ["", "s", "f", "r", "x", "j"];

/** 6 is the hat of whichever vowel can wear one. */
function hattedByDigit(word: Word, key: string): Word | null {
  const vowels = [...(parts(word)?.nucleus ?? "")].map((vowel) => BARE[vowel] ?? vowel);
  const at = vowels.findLast((vowel) => vowel in HATS);
  return at === undefined ? null : hatted(word, at, key);
}

/** 7 is the horn of o and u, 8 the breve of a: neither is a letter by itself, and neither does the other's work. */
function hookedByDigit(word: Word, key: string): Word | null {
  const found = parts(word);
  if (!found) return null;
  const breve = key === "8";
  const made = hooked(word, key);
  const nucleus = made ? (parts(made)?.nucleus ?? "") : "";
  const taken = made !== null && made.letters.length > word.letters.length;
  if (taken) return found.nucleus.includes("ă") === breve ? made : null;
  return made !== null && nucleus.includes("ă") === breve ? made : null;
}

/** The word after one more key by VNI: 1 to 5 are tones, 6 to 8 marks, 9 crosses the d, 0 takes the tone away. */
export function vni(text: string, key: string): string {
  const word = read(text);
  const tone = TONES[DIGIT_TONES[Number(key)] ?? ""];
  const marked =
    tone !== undefined ? toned(word, tone, key)
    : key === "0" && word.tone !== "" ? { ...word, tone: "" }
    : key === "6" ? hattedByDigit(word, key)
    : key === "7" || key === "8" ? hookedByDigit(word, key)
    : key === "9" ? crossed(word, key)
    : null;
  return settled(marked ?? written(word, key), text, key);
}
