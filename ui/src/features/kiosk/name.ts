// A counter's name where there is little room: its end tells one counter from another, its beginning is the same for all.

/** What three lines of the top bar hold beside everything else; the settings have the whole name. */
export const NAME_MAX = 28;
/** The same on a large monitor. */
export const NAME_WIDE_MAX = 84;

/** The name itself where it fits, else its last words after "…". */
export function shortName(name: string, max: number): string {
  if (name.length <= max) return name;
  const words = name.split(" ");
  let kept = words.pop() ?? "";
  for (let word = words.pop(); word !== undefined && kept.length + word.length + 3 <= max; word = words.pop()) kept = `${word} ${kept}`;
  return `… ${kept}`;
}
