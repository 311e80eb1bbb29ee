/** What the stream of a run says, frame by frame, as `agents/api/run_bodies.py` has it. */
import type { Schemas } from "@/lib/api";

export type StartFrame = Schemas["RunStartEvent"];
/** A step begins (its id ends with `s`), or a call has ended (`e`). */
export type StepFrame = Schemas["StepEvent"];
/** An answer of the model is over. */
export type UsageFrame = Schemas["StepUsageEvent"];
export type DeltaFrame = Schemas["StepDeltaEvent"];
export type DoneFrame = Schemas["RunDoneEvent"];
export type ErrorFrame = Schemas["RunErrorEvent"];
