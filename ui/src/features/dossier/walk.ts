// The order of the walk: consent, the pages that apply now, papers, check, filing. Pure, over the view alone.

import type { DossierView, Missing, PageView, Place } from "../../backend/types";

const page = (view: PageView | undefined): Place | null =>
  view ? { place: "page", page: view.id, back_to_check: false } : null;

const PAPERS: Place = { place: "papers", back_to_check: false };
const CHECK: Place = { place: "check" };

/** Where "Tiếp tục" leads; null where it leads nowhere. */
export function onward(view: DossierView): Place | null {
  const { pages } = view.interview;
  const here = view.place;
  switch (here.place) {
    case "consent":
      return view.consented ? (page(pages[0]) ?? PAPERS) : null;
    case "page": {
      if (here.back_to_check) return CHECK;
      const at = pages.findIndex((p) => p.id === here.page);
      return page(pages[at + 1]) ?? PAPERS;
    }
    case "papers":
      return CHECK;
    case "check":
      return view.interview.complete ? { place: "filing" } : null;
    case "filing":
      return null;
  }
}

/** Where "Quay lại" leads; null out of the dossier. */
export function previous(view: DossierView): Place | null {
  const { pages } = view.interview;
  const here = view.place;
  switch (here.place) {
    case "consent":
      return null;
    case "page": {
      if (here.back_to_check) return CHECK;
      const at = pages.findIndex((p) => p.id === here.page);
      return page(pages[at - 1]) ?? { place: "consent" };
    }
    case "papers":
      return here.back_to_check ? CHECK : (page(pages.at(-1)) ?? { place: "consent" });
    case "check":
      return PAPERS;
    case "filing":
      return CHECK;
  }
}

/** What stands between this page and a complete one. */
export function pageTroubles(view: DossierView, pageId: string): Missing[] {
  return view.interview.missing.filter((m) => m.kind !== "paper" && m.kind !== "channel" && m.kind !== "standing" && m.page === pageId);
}

/** The page on screen with its number, counted from 1. */
export function currentPage(view: DossierView): { page: PageView; number: number; of: number } | null {
  const here = view.place;
  if (here.place !== "page") return null;
  const { pages } = view.interview;
  const at = pages.findIndex((p) => p.id === here.page);
  const found = pages[at];
  return found ? { page: found, number: at + 1, of: pages.length } : null;
}
