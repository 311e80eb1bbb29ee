/** Choosing who answers, and how hard they think. */
import type { Conversation } from "../model/conversation";
import { defaultModel, findModel } from "../model/catalogue";
import type { Model } from "../shapes";
import { noteUse } from "./kept";

/** The model that will answer; undefined until the catalogue is here. */
export function modelOf(conversation: Conversation): Model | undefined {
  return findModel(conversation.model.value) ?? defaultModel();
}

/** Least first; the server has the same order. */
const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** What the chat asks for as far as its model knows it, as the server has it; null: it is not told, or not known. */
export function effortOf(conversation: Conversation, model: Model | undefined): string | null {
  if (model === undefined || model.efforts.length === 0) return null;
  const wanted = conversation.effort.value;
  return wanted === null ? model.effort : fitting(model, wanted);
}

/** The effort, or the next lower one that the model knows, else its lowest. */
function fitting({ efforts }: Model, wanted: string): string | null {
  const rank = EFFORTS.indexOf(wanted);
  return efforts.findLast((effort) => effort === wanted || EFFORTS.indexOf(effort) < rank) ?? efforts[0] ?? null;
}

export async function chooseModel(conversation: Conversation, model: Model): Promise<void> {
  const wanted = conversation.effort.value;
  conversation.isChoosing.value = true;
  noteUse(model.id);
  // A chat keeps an effort that its new model lacks; one that is yet to be made would be refused with it.
  const isLost = conversation.chat.value === null && wanted !== null && !model.efforts.includes(wanted);
  await conversation.change({ model: model.id, ...(isLost && { effort: fitting(model, wanted) }) });
}

export async function chooseEffort(conversation: Conversation, model: Model, effort: string): Promise<void> {
  conversation.isChoosing.value = true;
  // The model's own is not written down: it stays the usual one, also of the next model.
  await conversation.change({ effort: effort === model.effort ? null : effort });
}
