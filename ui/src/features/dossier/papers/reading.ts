// Which fields a line of print may go into: those that are answered with letters or digits, on the pages that are open.

import type { DossierView, PageView, QuestionKindView } from "../../../backend/types";

const WRITTEN: readonly QuestionKindView["kind"][] = ["person_name", "text", "date", "id_number", "insurance_number", "phone", "number", "money", "time"];

/** The open pages with only those fields; a page without one is left out. */
export function writtenPages(view: DossierView): PageView[] {
  const pages = view.interview.pages.map((page) => ({ ...page, questions: page.questions.filter((q) => WRITTEN.includes(q.kind.kind)) }));
  return pages.filter((page) => page.questions.length > 0);
}
