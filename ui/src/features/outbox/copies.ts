// Where a sealed dossier lies, in words.
import type { CopiesView } from "../../backend/types";
import { t } from "../../strings/language.svelte";

export function copiesWords(copies: CopiesView): string {
  const where = [
    copies.here ? t("copy_here") : "",
    copies.sticks > 0 ? t("copy_sticks", { n: copies.sticks }) : "",
    copies.province ? t("copy_province") : "",
  ].filter(Boolean);
  return t("copies_title", { where: where.join(" · ") });
}
