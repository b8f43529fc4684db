// What the citizen's own screens say beside answers and notices. They stand in a data file, and not here, because two read
// them: the screen that shows them, and the kiosk that says them aloud and lists them for whoever records a voice.
//
// Invariant: everything that is to be read on those screens is among them (aloud.test.ts).

import said from "../../../assets/words/aloud.json";

type Key = keyof typeof said;

const side = (language: "vi" | "en"): Record<Key, string> =>
  Object.fromEntries(Object.entries(said).map(([key, words]) => [key, words[language]])) as Record<Key, string>;

export const vi = side("vi");
export const en: typeof vi = side("en");
