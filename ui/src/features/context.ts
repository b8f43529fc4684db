// Hands the desk and the backend down to the screens without passing them through every one.

import { createContext } from "svelte";
import type { Flush, Desk } from "./desk.svelte";
import type { Backend } from "../backend/bridge";
import type { RawAnswer } from "../backend/types";

/** Where a field's answer goes: the desk, or the row of a group that the field stands in. */
export interface AnswerPort {
  /** Saves one answer. False where it could not be saved: the field keeps the text. */
  answer(question: string, raw: RawAnswer): Promise<boolean>;
  /** Shows a keystroke to the citizen at once. */
  mirror(question: string, text: string): void;
  /** A field tells how to save itself; the answer takes it off the list. */
  register(flush: Flush): () => void;
  /** The group that the field stands in. */
  readonly group?: string;
}

export const [getDesk, setDesk] = createContext<Desk>();
export const [getBackend, setBackend] = createContext<Backend>();
export const [getPort, setPort] = createContext<AnswerPort>();
