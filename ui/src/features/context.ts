// Hands the desk and the backend down to the screens without passing them through every one.

import { createContext } from "svelte";
import type { Desk } from "./desk.svelte";
import type { Backend } from "../backend/bridge";

export const [getDesk, setDesk] = createContext<Desk>();
export const [getBackend, setBackend] = createContext<Backend>();
