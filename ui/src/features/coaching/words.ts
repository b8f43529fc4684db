// The words of each step. They name no law and promise nothing; what the telephone shows may differ.
import type { CoachTopic } from "../../backend/types";
import type { StringKey } from "../../strings/vi";

export const STEPS = 5;
export const topics: CoachTopic[] = ["eid", "portal"];

export const stepKey = (topic: CoachTopic, step: number): StringKey => `coach_${topic}_${step}` as StringKey;
