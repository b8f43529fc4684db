// What is told beside a page, in words that say what to do; and the quarter turns that mend it.

import type { DossierView, FileView, PageWarning } from "../../../backend/types";
import { say, t } from "../../../strings/language.svelte";

/** Quarters to the right that put the page upright, where turning is what it needs. */
export function turnsNeeded(file: FileView): number {
  if (file.media !== "image/jpeg") return 0;
  if (file.warnings.includes("upside_down")) return 2;
  return file.warnings.includes("sideways") ? 1 : 0;
}

export function sentence(warning: PageWarning): string {
  return t(`warn_${warning}`);
}

/** What a page is told. A PDF that stays as it came cannot be turned, and that is said in the place of "turn it". */
function amiss(file: FileView): string[] {
  const lies = (warning: PageWarning): boolean => warning === "upside_down" || warning === "sideways";
  if (file.media === "image/jpeg" || !file.warnings.some(lies)) return file.warnings.map(sentence);
  return [...file.warnings.filter((warning) => !lies(warning)).map(sentence), t("warn_pdf_lies")];
}

/** Every remark about a page, the most important first. */
export function remarks(view: DossierView, file: FileView): string[] {
  const told = amiss(file);
  const twin = view.files.find((other) => other.id === file.same_as);
  if (twin) {
    const paper = view.interview.papers.find((need) => need.id === twin.component);
    const pages = view.files.filter((other) => other.component === twin.component);
    told.push(t("warn_same", { n: pages.indexOf(twin) + 1, name: paper ? say(paper.name) : "" }));
  }
  return told;
}
